"""Planted secrets of many kinds appear in no request, log or report, wherever a user could put them.

Either a command refuses them (exit 2) and does not show them, or it shows a text without them. What cannot be so:

- Names of input objects stand in the list of inputs that the job reads (`_state/inputs/`, and with `plan --out` in the
  plan's file): it could not find them otherwise. No description of a cluster shows that list, and no command prints it.
- An access key id and a session token of the caller's own are in the headers that sign each request to AWS itself.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from benchmarks.orchestrator_chaos.quick_aws import APP_ID
from orchestrator.cli import app
from tests.orchestrator.planted import ALL, APP, CANARIES, SECRETS, TellingAws

BUCKET: Final = "emr-job-suite"
TYPES: Final = [{"InstanceType": "m5.xlarge", "WeightedCapacity": 1}]
CLUSTER: Final[dict[str, Any]] = {
    "variables": {"spare": "x"},
    "Name": "nightly",
    "ReleaseLabel": "emr-7.14.0",
    "LogUri": "s3://logs/emr/",
    "ServiceRole": "EMR_DefaultRole_V2",
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "Applications": [{"Name": "Spark"}],
    "Tags": [{"Key": "note", "Value": "x"}],
    "Configurations": [{"Classification": "spark-defaults", "Properties": {"spark.x": "x"}}],
    "BootstrapActions": [{"Name": "act", "ScriptBootstrapAction": {"Path": "s3://lake/a.sh", "Args": ["x"]}}],
    "Instances": {
        "KeepJobFlowAliveWhenNoSteps": False,
        "InstanceFleets": [
            {
                "InstanceFleetType": role,
                "Name": role,
                "TargetOnDemandCapacity": 1,
                "InstanceTypeConfigs": TYPES,
            }
            for role in ("MASTER", "CORE")
        ],
    },
}
STEP: Final = {
    "Name": "step",
    "ActionOnFailure": "CONTINUE",
    "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["x"]},
}
PIPELINE: Final[dict[str, Any]] = {
    "name": "planted",
    "cluster": "cluster.yaml",
    "variables": {"note": "x"},
    "jobs": {
        "hourly": {
            "entry_point": "jobs/readings_hourly.py",
            "inputs": ["s3://lake/raw/"],
            "output": "s3://lake/hourly",
            "arguments": ["--note", "${note}"],
            "spark_conf": {"spark.x": "x"},
        }
    },
}
# Where a value of a file can be: its file, and the path to it; a last `*` is a key.
PLACES: Final[Mapping[str, tuple[str, tuple[Any, ...]]]] = {
    "a cluster's name": ("cluster", ("Name",)),
    "a cluster's variable": ("cluster", ("variables", "spare")),
    "a tag's value": ("cluster", ("Tags", 0, "Value")),
    "a tag's key": ("cluster", ("Tags", 0, "Key")),
    "a configuration": ("cluster", ("Configurations", 0, "Properties", "spark.x")),
    "a configuration's key": ("cluster", ("Configurations", 0, "Properties", "*")),
    "a classification": ("cluster", ("Configurations", 0, "Classification")),
    "a bootstrap's argument": ("cluster", ("BootstrapActions", 0, "ScriptBootstrapAction", "Args", 0)),
    "a bootstrap action's name": ("cluster", ("BootstrapActions", 0, "Name")),
    "a step's argument": ("cluster", ("Steps", 0, "HadoopJarStep", "Args", 0)),
    "a step's name": ("cluster", ("Steps", 0, "Name")),
    "a place for logs": ("cluster", ("LogUri",)),
    "a fleet's name": ("cluster", ("Instances", "InstanceFleets", 0, "Name")),
    "a number": ("cluster", ("EbsRootVolumeSize",)),
    "an unknown key": ("cluster", ("*",)),
    "a pipeline's name": ("pipeline", ("name",)),
    "a pipeline's variable": ("pipeline", ("variables", "note")),
    "a job's name": ("pipeline", ("jobs", "*")),
    "an entry point": ("pipeline", ("jobs", "hourly", "entry_point")),
    "an argument": ("pipeline", ("jobs", "hourly", "arguments", 1)),
    "a Spark setting": ("pipeline", ("jobs", "hourly", "spark_conf", "spark.x")),
    "a Spark setting's key": ("pipeline", ("jobs", "hourly", "spark_conf", "*")),
    "an input": ("pipeline", ("jobs", "hourly", "inputs", 0)),
    "an output": ("pipeline", ("jobs", "hourly", "output")),
    "a quarantine": ("pipeline", ("jobs", "hourly", "quarantine")),
    "what a job follows": ("pipeline", ("jobs", "hourly", "follows")),
}
URIS: Final = {"an input", "an output", "a quarantine", "a place for logs"}
# A variable that nothing is made of reaches nobody.
UNUSED: Final = {"a cluster's variable"}


@dataclass(frozen=True)
class Stage:
    """The command line, the embedded AWS that it talks to, and a folder with files."""

    aws: TellingAws
    folder: Path

    def write(self, **changed: Any) -> None:
        """Write the files; JSON is YAML too."""
        for name, document in {"cluster": CLUSTER, "pipeline": PIPELINE, **changed}.items():
            (self.folder / f"{name}.yaml").write_text(json.dumps(document))

    def run(self, *arguments: str, is_local: bool = True) -> Result:
        """Run a command, and see that nothing of it shows a secret."""
        result = CliRunner().invoke(app, [*arguments, *(["--local"] if is_local else [])])
        assert shown(result.output) == [], arguments
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def seen(self) -> list[str]:
        """Name the secrets that any request showed."""
        return shown("\n".join(self.aws.asked))

    def state(self, prefix: str = "_state/") -> str:
        """Return all that the state holds, as one text."""
        listed = self.aws.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        bodies = [self.aws.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed]
        return "\n".join([*(each["Key"] for each in listed), *(body.decode() for body in bodies)])


def shown(text: str) -> list[str]:
    """Name the secrets that a text shows, as they are or in pieces of lines."""
    joined = text.replace("\n", "")
    return [kind for kind, (_, secret) in CANARIES.items() if secret in text or secret in joined]


def some(place: str, count: int) -> list[str]:
    """Return some of the canaries for a place: others for the next one, so that each is planted many times."""
    texts, begin = [text for text, _ in CANARIES.values()], list(PLACES).index(place) * count
    return [texts[(begin + number) % len(texts)] for number in range(count)]


def planted(place: str, text: str) -> dict[str, Any]:
    """Return the file with a text at a place."""
    file, path = PLACES[place]
    document = deepcopy(PIPELINE if file == "pipeline" else CLUSTER)
    if "Steps" in path:
        document["Steps"] = [deepcopy(STEP)]
    at: Any = document
    for part in path[:-1]:
        at = at[part]
    if path[-1] == "*":
        at[text] = next(iter(at.values()))
    else:
        at[path[-1]] = f"s3://lake/{text}" if place in URIS else [text] if path[-1] == "follows" else text
    return {file: document}


@pytest.fixture(scope="module")
def module_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TellingAws]:
    made = TellingAws(tmp_path_factory.mktemp("aws"))
    for bucket in (BUCKET, "lake", "logs"):
        made.s3.create_bucket(Bucket=bucket)
    made.s3.put_object(Bucket="lake", Key="raw/1.json", Body=b"{}")
    yield made
    made.close()


@pytest.fixture
def stage(module_aws: TellingAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("AWS_ENDPOINT_URL", module_aws.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv(APP_ID, APP)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CANARIES["AWS key id"][1])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARIES["AWS secret key"][1])
    monkeypatch.setenv("AWS_SESSION_TOKEN", CANARIES["AWS session token"][1])
    monkeypatch.delenv("EMR_JOB_SUITE_BUCKET", raising=False)
    monkeypatch.chdir(tmp_path)
    module_aws.asked.clear()
    made = Stage(module_aws, tmp_path)
    made.write()
    return made


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_in_a_file_is_refused_and_not_shown(stage: Stage, place: str) -> None:
    for number, text in enumerate(some(place, 1)):
        stage.write(**planted(place, text))
        launches = PLACES[place][0] == "cluster" and number % 2
        command = ("launch", "cluster.yaml") if launches else ("run", "pipeline.yaml", "--detach")
        result = stage.run(*command)
        assert result.exit_code == 2 or place in UNUSED, f"{text}: {result.output}"
    assert stage.seen() == []
    assert shown(stage.state()) == []


@pytest.mark.parametrize("place", PLACES)
def test_no_command_shows_it(stage: Stage, place: str) -> None:
    stage.write(**planted(place, ALL))
    stage.run("plan", "pipeline.yaml", "--out", "plan.json")
    stage.run("validate", f"{PLACES[place][0]}.yaml", is_local=False)
    assert stage.seen() == []
    assert shown(stage.state()) == []
    plan = stage.folder / "plan.json"
    assert not plan.exists() or shown(plan.read_text()) == []


@pytest.mark.parametrize("kind", CANARIES)
def test_a_secret_on_the_command_line_is_refused_and_not_shown(stage: Stage, kind: str) -> None:
    text = CANARIES[kind][0]
    others: tuple[tuple[str, ...], ...] = (
        ("run", "pipeline.yaml", "--detach", f"--var=unknown={text}"),
        ("run", "pipeline.yaml", "--detach", f"--var={text}"),
        ("launch", "cluster.yaml", f"--key={text}"),
        ("run", "pipeline.yaml", "--detach", f"--cluster={text}"),
        ("run", f"pipeline.yaml:{text}", "--detach"),
        ("run", f"--attach={text}"),
        ("plan", "pipeline.yaml", f"--key={text}", "-o", "json"),
        ("status", "--", text),
        ("cancel", "--", text),
        ("logs", "--", text),
    )
    each = list(CANARIES).index(kind)
    for command in (
        ("run", "pipeline.yaml", "--detach", f"--var=note={text}"),
        ("run", "pipeline.yaml", "--detach", f"--key={text}"),
        others[each % len(others)],
    ):
        result = stage.run(*command[:1], "--local", *command[1:], is_local=False)
        assert result.exit_code == 2, f"{command}: {result.output}"
    assert [found for found in stage.seen() if found == kind] == []
    assert shown(stage.state()) == []


def test_what_a_failing_step_says_is_shown_and_kept_without_secrets(stage: Stage) -> None:
    stage.write()
    result = stage.run("run", "pipeline.yaml", "--poll", "0.1", "-o", "json", "--timeout", "60")
    assert result.exit_code == 1, result.output
    document = json.loads(result.stdout)
    assert "[redacted " in document["jobs"][0]["reason"]
    stage.run("status", document["run_id"], "-o", "json")
    stage.run("status")
    assert "[redacted " in stage.run("logs", document["run_id"]).stdout
    stage.run("logs", document["jobs"][0]["step_id"], "-o", "json")
    stage.run("list", "--all", "-o", "json")
    stage.run("doctor", "-o", "json")
    stage.run("reap", "-o", "json")
    assert stage.seen() == []
    assert shown(stage.state()) == []


@pytest.mark.parametrize("operation", ["RunJobFlow", "ListClusters", "DescribeCluster"])
def test_what_aws_says_is_shown_and_kept_without_secrets(stage: Stage, operation: str) -> None:
    stage.write(cluster={**CLUSTER, "Name": f"refused {operation}"})
    stage.aws.refused = operation
    try:
        told = [stage.run("launch", "cluster.yaml"), stage.run("list", "-o", "json")]
        told += [stage.run("run", "pipeline.yaml", "--poll", "0.1", "--timeout", "5", "--key", operation)]
        stage.run("reap")
        stage.run("doctor", "-o", "json")
    finally:
        stage.aws.refused = None
    assert 3 in {result.exit_code for result in told}
    assert any("[redacted " in result.output for result in told)
    assert stage.seen() == []
    assert shown(stage.state()) == []


def test_names_of_input_objects_stand_in_the_list_of_inputs_alone(stage: Stage) -> None:
    names = [f"named/{kind}/{secret}.json" for kind, (_, secret) in CANARIES.items()]
    for name in names:
        stage.aws.s3.put_object(Bucket="lake", Key=name, Body=b"{}")
    pipeline = deepcopy(PIPELINE)
    pipeline["jobs"]["hourly"]["inputs"] = ["s3://lake/named/"]
    stage.write(pipeline=pipeline)
    for output in ("table", "json"):
        stage.run("plan", "pipeline.yaml", "-o", output)
    stage.run("run", "pipeline.yaml", "--detach", "-o", "json")
    with_names = [each for each in stage.aws.asked if shown(each)]
    assert with_names
    assert all(each.startswith(f"/{BUCKET}/_state/inputs/") for each in with_names)
    for prefix in ("_state/runs/", "_state/calls/", "_state/leases/"):
        assert shown(stage.state(prefix)) == []


def test_credentials_of_the_environment_stay_where_they_sign(stage: Stage) -> None:
    for command in (("list",), ("status",), ("plan", "pipeline.yaml"), ("doctor",), ("reap",)):
        stage.run(*command, "--bucket", BUCKET, is_local=False)
    assert shown("\n".join(stage.aws.asked)) == ["AWS key id", "AWS session token"]
    for line in "\n".join(stage.aws.asked).splitlines():
        if shown(line):
            assert line.startswith(("HTTP_AUTHORIZATION: ", "HTTP_X_AMZ_SECURITY_TOKEN: "))
    assert len(SECRETS) == len(CANARIES)
