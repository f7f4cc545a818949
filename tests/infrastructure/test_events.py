"""The consumer's stack: as CloudFormation takes it, with no more rights than it needs, and at work."""

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws.clients import client
from local_aws.emr.simulated_runner import StepPlan
from local_aws.serverless.simulated_runner import AttemptPlan
from local_aws.stacks import deploy
from orchestrator.commands.context import BUCKET_VARIABLE
from orchestrator.doctor.policy import policy_statements
from orchestrator.events_lambda import PIPELINE, VARIABLES
from scripts.lambda_package import PACKAGES
from tests.infrastructure.consumer import APPLICATION, CLUSTER, package
from tests.infrastructure.templates import FOLDER, allowances, lint, read, statements
from tests.local_aws.embedded import Embedded
from tests.local_aws.simulated import simulated

TEMPLATE = FOLDER / "events.yaml"


@pytest.fixture(scope="module")
def resources() -> Mapping[str, Any]:
    """Read the resources."""
    found: Mapping[str, Any] = read(TEMPLATE)["Resources"]
    return found


def actions(statement: Mapping[str, Any]) -> set[str]:
    found = statement["Action"]
    return set(found if isinstance(found, list) else [found])


def test_the_linter_of_cloudformation_has_nothing_to_say() -> None:
    assert lint(TEMPLATE) == (0, "")


def test_no_action_has_a_wildcard_and_for_everything_it_may_list_or_launch_its_own(
    resources: Mapping[str, Any],
) -> None:
    found = list(allowances(resources))
    assert {name for name, _, _ in found} == {"Role"}
    assert not [each for _, _, statement in found for each in actions(statement) if "*" in each]
    assert {sid: actions(each) for _, sid, each in found if each["Resource"] == "*"} == {
        "List": {"elasticmapreduce:ListClusters"},
        "LaunchAsOwner": {"elasticmapreduce:RunJobFlow", "elasticmapreduce:AddTags"},
    }


def test_it_may_call_of_emr_what_the_orchestrator_calls_with_the_conditions_that_doctor_prints(
    resources: Mapping[str, Any],
) -> None:
    owner = {"Ref": "StateBucket"}
    printed = {each["Sid"]: each for each in policy_statements("OWNER", "b", ["arn:r"])["Statement"]}
    written = statements(resources["Role"])
    of_emr = {
        effect: {
            action
            for each in told.values()
            if each["Effect"] == effect
            for action in actions(each)
            if action.startswith("elasticmapreduce:")
        }
        for told in (written,)
        for effect in ("Allow", "Deny")
    }
    everything = {action for each in printed.values() for action in actions(each)}
    assert of_emr["Allow"] | of_emr["Deny"] <= everything
    # Doctor itself looks at releases.
    assert everything - of_emr["Allow"] - of_emr["Deny"] - {"iam:PassRole"} - {
        each for each in everything if each.startswith("s3:")
    } == {"elasticmapreduce:DescribeReleaseLabel"}
    for sid in ("LaunchAsOwner", "ChangeOurs", "KeepTags"):
        expected = json.loads(json.dumps(printed[sid]["Condition"]).replace('"OWNER"', json.dumps(owner)))
        assert written[sid]["Condition"] == expected
        assert actions(written[sid]) == actions(printed[sid])


def test_roles_are_passed_to_the_service_that_takes_them(resources: Mapping[str, Any]) -> None:
    found = statements(resources["Role"])
    told = {
        each["Resource"]["Fn::Sub"].rpartition("/")[2]: each["Condition"]["StringEquals"][
            "iam:PassedToService"
        ]
        for each in found.values()
        if actions(each) == {"iam:PassRole"}
    }
    assert told == {"${ServiceRole}": "elasticmapreduce.amazonaws.com", "${NodeRole}": "ec2.amazonaws.com"}


def test_the_handler_is_where_the_package_has_it_and_its_environment_is_that_of_the_code(
    resources: Mapping[str, Any],
) -> None:
    function = resources["Function"]["Properties"]
    module, _, name = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert module.split(".")[0] in PACKAGES["events"].rooms
    assert set(function["Environment"]["Variables"]) == {BUCKET_VARIABLE, PIPELINE, VARIABLES}


def test_messages_are_hidden_for_six_times_as_long_as_the_function_may_take(
    resources: Mapping[str, Any],
) -> None:
    queue = read(FOLDER / "road.yaml")["Resources"]["Events"]["Properties"]
    function, source = (resources[name]["Properties"] for name in ("Function", "Source"))
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # One for the turn.
    most = source["ScalingConfig"]["MaximumConcurrency"]
    assert function["ReservedConcurrentExecutions"] == most + 1


def test_what_can_go_wrong_has_its_alarm(resources: Mapping[str, Any]) -> None:
    alarms = {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {name: (alarm["Namespace"], alarm["MetricName"]) for name, alarm in alarms.items()} == {
        "Errors": ("AWS/Lambda", "Errors"),
        "Throttles": ("AWS/Lambda", "Throttles"),
        "Silence": ("AWS/Events", "Invocations"),
        "IdleCluster": ("AWS/ElasticMapReduce", "IsIdle"),
    }
    assert all("AlarmActions" in alarm for alarm in alarms.values())


class Stack:
    """The consumer on an embedded AWS, its raw bucket telling the queue of objects."""

    def __init__(self, aws: Embedded, name: str, cluster: str) -> None:
        """Make it, as docs/deploy.md does, for a pipeline on a cluster's file, or an application's."""
        self.aws, self.name, url = aws, name, aws.aws.url
        self.raw, self.state, code = (f"{what}-of-{name}" for what in ("raw", "state", "code"))
        self.sqs, self.functions = client(url, "sqs"), client(url, "lambda")
        for bucket in (self.state, self.raw, code):
            aws.s3.create_bucket(Bucket=bucket)
        aws.s3.put_object(Bucket=code, Key="events.zip", Body=package(name, cluster))
        self.queue, self.dead = (self._queue(f"{name}-{what}") for what in ("events", "events-dead"))
        self.outputs = deploy(
            url,
            TEMPLATE,
            Name=name,
            StateBucket=self.state,
            Pipeline=name,
            Variables=json.dumps({"raw": self.raw}),
            EventsQueueArn=self.queue,
            DeadQueueArn=self.dead,
            CodeBucket=code,
            CodeKey="events.zip",
            ClusterId="j-AAAAAAAAAAAA1",
        )
        telling: Any = {"QueueArn": self.queue, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        aws.s3.put_bucket_notification_configuration(
            Bucket=self.raw, NotificationConfiguration={"QueueConfigurations": [telling]}
        )

    def turn(self) -> Any:
        """Invoke the function as its schedule does."""
        event = {"source": "aws.events", "detail-type": "Scheduled Event"}
        answer = self.functions.invoke(FunctionName=self.outputs["FunctionArn"], Payload=json.dumps(event))
        told = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        return told

    def given(self) -> list[str]:
        """Return the arguments of the one step, or the one job run, that there is."""
        told = [list(step.config["HadoopJarStep"]["Args"]) for step in self._steps()]
        job_runs = self.aws.aws.serverless.service.account.job_runs.values()
        told += [list(one.request["jobDriver"]["sparkSubmit"]["entryPointArguments"]) for one in job_runs]
        [only] = told
        return only

    def _steps(self) -> Iterator[Any]:
        for cluster in self.aws.aws.emr.world.clusters.values():
            yield from cluster.steps

    def waiting(self, name: str) -> tuple[int, int]:
        """Count messages of a queue: those that wait, and those that are hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def close(self) -> None:
        """Let nothing of it stay in the account, which moto keeps for other tests, and close the clients."""
        cloudformation = client(self.aws.aws.url, "cloudformation")
        cloudformation.delete_stack(StackName=TEMPLATE.stem)
        cloudformation.close()
        self.sqs.close()
        self.functions.close()

    def _queue(self, name: str) -> str:
        url = self.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "720"})["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])


@pytest.fixture(params=[("consumed", CLUSTER), ("applied", APPLICATION)], ids=["emr", "serverless"])
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Give one in an account that moto keeps: what one of them has is named otherwise than the other's."""
    plans, attempts = [StepPlan("", minutes=(10, 10))], [AttemptPlan("", minutes=(10, 10))]
    with simulated(tmp_path, plans, attempts) as aws:
        made = Stack(aws, *request.param)
        yield made
        made.close()


def read_by(aws: Embedded, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_an_object_goes_by_the_queue_into_the_ledger_and_turns_begin_its_run_and_close_it(
    stack: Stack,
) -> None:
    aws, name, raw = stack.aws, stack.name, stack.raw
    rules = client(aws.aws.url, "events").list_rules()["Rules"]
    assert "rate(1 minute)" in [each["ScheduleExpression"] for each in rules]
    aws.s3.put_object(Bucket=raw, Key=f"{name}/a b+ü.gz", Body=b"{}")
    aws.s3.put_object(Bucket=raw, Key="elsewhere/x", Body=b"{}")
    aws.until(lambda: stack.waiting(f"{name}-events") == (0, 0))
    assert aws.keys(stack.state, "_state/ledger/")
    assert stack.waiting(f"{name}-events-dead") == (1, 0)  # elsewhere/
    assert stack.turn() == {"closed": [], "cut": 1, "open": [1]}
    given = dict(each.split("=", 1) for each in stack.given() if each.startswith("--") and "=" in each)
    assert read_by(aws, given["--inputs-from"]).splitlines() == [f"s3://{raw}/{name}/a b+ü.gz"]
    # What the job would write.
    bucket, _, key = given["--manifest"].removeprefix("s3://").partition("/")
    inputs = [{"uri": f"s3://{raw}/{name}/a b+ü.gz"}]
    aws.s3.put_object(Bucket=bucket, Key=key, Body=json.dumps({"inputs": inputs}))
    aws.put_on(1200)
    [closed] = stack.turn()["closed"]
    assert (closed["batch"], closed["outcome"]) == (1, "done")
    assert stack.turn() == {"closed": [], "cut": None, "open": []}
