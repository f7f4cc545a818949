"""What docs/pipelines.md shows and names."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local_aws.server import Settings
from orchestrator import cli
from orchestrator.checkout import ROOT
from orchestrator.config.pipeline import load_pipeline
from orchestrator.config.pipeline_rules.keys import JobKeys, PipelineKeys
from orchestrator.config.pipeline_rules.texts import job_problems
from orchestrator.secrets import find_secrets
from orchestrator.step_arguments import faults_of_text
from tests.local_aws.embedded import FAST, Embedded, embedded
from tests.orchestrator.submitting import READINGS

PAGE = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
CLUSTER = """\
Name: nightly
ReleaseLabel: emr-7.14.0
ServiceRole: EMR_DefaultRole_V2
JobFlowRole: EMR_EC2_DefaultRole
LogUri: s3://my-lake/logs/
Applications: [{Name: Spark}]
Instances:
  InstanceFleets:
    - InstanceFleetType: MASTER
      TargetOnDemandCapacity: 1
      InstanceTypeConfigs: [{InstanceType: m7g.xlarge}]
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def first_column(heading: str) -> list[str]:
    """Return the code in the first column of the first table after a heading."""
    table = PAGE.partition(f"\n{heading}\n")[2].partition("|---|")[2]
    rows = re.match(r"[-|]*\n((?:\|.*\n)+)", table)
    assert rows, heading
    return [re.findall(r"`([^`]+)`", row.split(" | ")[0])[0] for row in rows[1].splitlines()]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (text,) = blocks("yaml")
    for name, content in (("pipelines/nightly.yaml", text), ("cluster_configs/job_specific.yaml", CLUSTER)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path / "aws", Settings(durations=FAST)) as made:
        for bucket in ("my-lake", "emr-job-suite"):
            made.s3.create_bucket(Bucket=bucket)
        made.s3.put_object(Bucket="my-lake", Key="raw/a.json", Body=b"{}")
        yield made


def test_the_pipeline_that_is_shown_has_no_fault(written: Path) -> None:
    found = load_pipeline(written / "pipelines/nightly.yaml", {"lake": "my-lake"})
    assert found.findings == ()
    assert list(found.jobs) == ["device_readings", "readings_hourly"]


def test_the_commands_that_are_shown_do_what_they_say(
    written: Path, aws: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
    # moto's buckets are those of the process: other tests' are there too.
    before = aws.keys("emr-job-suite")
    for command in "".join(blocks("sh")).splitlines():
        name, *arguments = shlex.split(command)
        result = CliRunner().invoke(cli.app, arguments)
        assert (name, result.exit_code) == ("orchestrator", 0), command + result.output
        assert result.stdout or "0 errors" in result.stderr, command
    (zipped,) = (written / "dist").iterdir()
    assert re.fullmatch(r"emr_job_suite-[\d.]+-[0-9a-f]{12}-py\.zip", zipped.name)
    assert aws.keys("emr-job-suite") == before
    assert aws.emr.list_clusters()["Clusters"] == []


def test_the_tables_have_each_key() -> None:
    assert set(first_column("### Keys of the file")) == {*PipelineKeys.model_fields, "variables"}
    assert first_column("### Keys of a job") == list(JobKeys.model_fields)


@pytest.mark.parametrize("argument", first_column("In `arguments`:"))
def test_an_argument_that_is_said_to_be_refused_is(argument: str) -> None:
    problems = job_problems(replace(READINGS, arguments=(argument,)), [READINGS.entry_point])
    assert [*problems, *faults_of_text(argument), *find_secrets(argument)]


@pytest.mark.parametrize("name", first_column("In `spark_conf`:"))
def test_a_property_that_is_said_to_be_refused_is(name: str) -> None:
    assert list(job_problems(replace(READINGS, spark_conf={name: "2"}), [READINGS.entry_point]))


@pytest.mark.parametrize("name", ["PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "TZ", "LANG", "LC_ALL"])
def test_a_variable_that_is_said_to_be_taken_is(name: str) -> None:
    job = replace(READINGS, spark_conf={f"spark.executorEnv.{name}": "C"})
    assert list(job_problems(job, [READINGS.entry_point])) == []
