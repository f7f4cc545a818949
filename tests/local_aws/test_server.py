"""One endpoint for all of AWS."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3
from botocore.exceptions import ClientError

from local_aws.clients import client as made_for
from local_aws.emr.faults import CallFault
from local_aws.fault_script import FaultOfCalls, FaultScript
from local_aws.running.processes import VARIABLE
from local_aws.server import STATUS_PATH, Settings
from tests.conftest import ROOT
from tests.local_aws.embedded import FAST, Embedded, embedded
from tests.local_aws.emr.launching import launch_request


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("aws"), Settings(durations=FAST)) as made:
        yield made


def _role(client: Any) -> Any:
    client.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    return client.get_role(RoleName="r")["Role"]["RoleName"]


def _queue(client: Any) -> Any:
    url = client.create_queue(QueueName="q")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="r")
    return client.receive_message(QueueUrl=url)["Messages"][0]["Body"]


def _topic(client: Any) -> Any:
    return client.create_topic(Name="r")["TopicArn"].rpartition(":")[2]


def _stream(client: Any) -> Any:
    client.create_stream(StreamName="r", ShardCount=1)
    return client.describe_stream_summary(StreamName="r")["StreamDescriptionSummary"]["StreamName"]


def _database(client: Any) -> Any:
    client.create_database(DatabaseInput={"Name": "r"})
    return client.get_database(Name="r")["Database"]["Name"]


def _table(client: Any) -> Any:
    key = {"AttributeName": "k", "KeyType": "HASH"}
    attribute = {"AttributeName": "k", "AttributeType": "S"}
    client.create_table(
        TableName="r", KeySchema=[key], AttributeDefinitions=[attribute], BillingMode="PAY_PER_REQUEST"
    )
    return client.describe_table(TableName="r")["Table"]["TableName"]


def _rule(client: Any) -> Any:
    client.put_rule(Name="r", ScheduleExpression="rate(1 hour)")
    return client.describe_rule(Name="r")["Name"]


def _bucket(client: Any) -> Any:
    client.create_bucket(Bucket="bucket-of-server")
    client.put_object(Bucket="bucket-of-server", Key="a b/ü", Body=b"r")
    return client.get_object(Bucket="bucket-of-server", Key="a b/ü")["Body"].read().decode()


@pytest.mark.parametrize(
    ("service", "use"),
    [
        ("iam", _role),
        ("sqs", _queue),
        ("sns", _topic),
        ("kinesis", _stream),
        ("glue", _database),
        ("dynamodb", _table),
        ("events", _rule),
        ("s3", _bucket),
    ],
)
def test_other_services_are_on_the_same_endpoint(
    aws: Embedded, service: str, use: Callable[[Any], Any]
) -> None:
    client = made_for(aws.aws.url, service)
    assert use(client) == "r"
    client.close()


def test_a_cluster_comes_up_without_anybody_asking(aws: Embedded) -> None:
    cluster = aws.launch()
    assert aws.until_state(cluster, "WAITING") == "WAITING"
    assert aws.aws.status()["clusters"] == {"WAITING": 1}
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])
    assert aws.until_end(cluster) == ("TERMINATED", "USER_REQUEST")


def test_what_moto_would_only_pretend_is_refused(aws: Embedded) -> None:
    client = made_for(aws.aws.url, "emr-containers")
    with pytest.raises(ClientError, match="emr-containers: not served by the embedded AWS"):
        client.list_virtual_clusters()
    client.close()


def test_another_region_has_no_emr_here(aws: Embedded) -> None:
    client = made_for(aws.aws.url, "emr", "eu-west-1")
    with pytest.raises(ClientError, match="the embedded AWS is us-east-1, got eu-west-1") as raised:
        client.list_clusters()
    assert raised.value.response["Error"]["Code"] == "InvalidSignatureException"
    client.close()


def test_the_status_is_json_for_anybody(aws: Embedded) -> None:
    told = json.loads(urllib3.request("GET", f"{aws.aws.url}{STATUS_PATH}").data)
    assert told["url"] == aws.aws.url
    assert told["region"] == "us-east-1"
    assert told["running_steps"] == 0


def test_faults_of_a_script_are_there_from_the_start(tmp_path: Path) -> None:
    script = FaultScript(calls=(FaultOfCalls(kind="throttled", rate=1, operation="ListClusters"),))
    with embedded(tmp_path, Settings(faults=script)) as made:
        assert made.aws.emr.faults.script == [CallFault("throttled", 1, "ListClusters")]
        with pytest.raises(ClientError, match="Rate exceeded"):
            made.emr.list_clusters()
        assert made.emr.run_job_flow(**launch_request())["JobFlowId"].startswith("j-")


def test_a_fault_of_our_own_holds_up_nothing(aws: Embedded, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ArithmeticError("wanted")

    aws.aws.perform(lambda: aws.aws.emr.world.agenda.after(1, fail))
    aws.until(lambda: "wanted" in caplog.text)
    done: list[int] = []

    def fail_and_go_on() -> None:
        for _ in range(3):
            aws.aws.emr.world.agenda.after(0, fail)
        aws.aws.emr.world.agenda.after(0, lambda: done.append(1))

    aws.aws.perform(fail_and_go_on)
    aws.aws.perform(lambda: done.append(2))  # the time that it lets pass brings the faults
    assert done == [1, 2]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Host": "evil.example:4566"}],
    ids=["a page of another site", "a name that is made to lead here"],
)
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "GET"])
def test_a_page_in_a_browser_gets_no_answer(aws: Embedded, method: str, headers: dict[str, str]) -> None:
    target = {"X-Amz-Target": "ElasticMapReduce.ListClusters"} if method == "POST" else {}
    answer = urllib3.request(method, f"{aws.aws.url}/bucket-of-evil", headers={**headers, **target})
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_emr_answers_signed_requests_alone(aws: Embedded) -> None:
    headers = {"X-Amz-Target": "ElasticMapReduce.ListClusters"}
    answer = urllib3.request("POST", aws.aws.url, headers=headers, body=b"{}")
    assert answer.status == 400
    assert json.loads(answer.data)["__type"] == "MissingAuthenticationTokenException"


# A server of its own that is killed while it runs a step.
KILLED = """
import os, sys
from pathlib import Path
from local_aws.server import Settings
from tests.conftest import ROOT
from tests.local_aws.embedded import FAST, Embedded, spark_step
from tests.local_aws.running import checkout
root = Path(sys.argv[1])
aws = Embedded(root / "aws", Settings(durations=FAST, checkout=checkout.make(root / "checkout")))
cluster = aws.launch([spark_step("long", "wait")])
stdout = root / "aws/clusters" / cluster / "steps" / aws.cluster(cluster).steps[0].id / "stdout"
aws.until(lambda: stdout.exists() and "args:" in stdout.read_text())
os.kill(os.getpid(), 9)
"""


def has_work(folder: Path) -> bool:
    for process in psutil.process_iter():
        try:
            if str(folder) in process.environ().get(VARIABLE, "") and process.status() != "zombie":
                return True
        except (OSError, psutil.Error):
            continue
    return False


def test_a_server_that_is_killed_leaves_no_step_running(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert ended.returncode == -9
    waiting = threading.Event()
    for _ in range(3000):
        if not has_work(tmp_path):
            return
        waiting.wait(0.01)
    raise AssertionError("its step still runs")
