"""`orchestrator doctor` against the embedded AWS."""

import json
from pathlib import Path

from local_aws.clients import client
from tests.orchestrator.commands.conftest import CLUSTER, Commands


def test_what_is_missing_ends_with_2_and_with_it_there_with_0(commands: Commands) -> None:
    # Moto keeps one account a process: another test may have made the default bucket.
    mine = ["--bucket", "bucket-of-the-doctor"]
    result = commands.run("doctor", *mine, "-o", "json")
    missing = [each["name"] for each in json.loads(result.stdout) if each["state"] == "MISSING"]
    assert missing[-1:] == ["bucket bucket-of-the-doctor"]
    assert result.exit_code == 2
    assert " MISSING, " in result.stderr
    commands.aws.s3.create_bucket(Bucket=mine[1])
    result = commands.run("doctor", *mine)
    assert "bucket bucket-of-the-doctor: versioning" in result.stdout
    # A machine without Java misses that.
    others = set(missing) - {"LogUri", "bucket bucket-of-the-doctor"}
    assert result.exit_code == (2 if others else 0)


def test_what_is_checked_is_what_the_clusters_file_names_and_options_win(commands: Commands) -> None:
    told = commands.told("doctor", "--policy")
    [passing] = [each for each in told["Statement"] if each["Sid"] == "PassRoles"]
    assert passing["Resource"] == [
        "arn:aws:iam::123456789012:role/EMR_DefaultRole_V2",
        "arn:aws:iam::123456789012:role/EMR_EC2_DefaultRole",
    ]
    others = ["--var", "service_role=own", "--reads", "raw", "--log-uri", "s3://logs/x/"]
    told = commands.told("doctor", "--policy", *others)
    found = {each["Sid"]: each["Resource"] for each in told["Statement"]}
    assert found["PassRoles"][0] == "arn:aws:iam::123456789012:role/own"
    assert found["ListInputs"] == ["arn:aws:s3:::raw", "arn:aws:s3:::logs"]
    result = commands.run("doctor", "--policy")
    assert result.stderr.startswith("The policy has not been tried on an account. Not confirmed: ")


def test_a_clusters_file_with_errors_is_wrong_usage(commands: Commands) -> None:
    result = commands.run("doctor", "--var", "release=emr-x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "base.yaml" in result.stderr


def test_the_policy_is_a_document_of_the_callers_account(commands: Commands) -> None:
    told = commands.told("doctor", "--policy", "--service-role", "arn:aws:iam::1:role/service")
    [passing] = [each for each in told["Statement"] if each["Sid"] == "PassRoles"]
    assert passing["Resource"] == [
        "arn:aws:iam::1:role/service",
        "arn:aws:iam::123456789012:role/EMR_EC2_DefaultRole",
    ]


PIPELINE = """
name: eventful
cluster: own.yaml
variables: {raw: null}
trigger: {queue: of-doctor, dead_letter_queue: of-doctor-dead}
jobs:
  readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://${raw}/devices/"]
    output: s3://lake/readings
then:
  - run: {pipeline: readings, variables: {lake: lake-of-doctor}}
  - notification: {topic: "arn:aws:sns:us-east-1:123456789012:told"}
"""


def test_what_a_pipeline_needs_is_derived_from_its_file(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(CLUSTER.format(name="own", keeps="false"))
    (tmp_path / "eventful.yaml").write_text(PIPELINE)
    asked = ["doctor", "--pipeline", str(tmp_path / "eventful.yaml"), "--var", "raw=raw-of-doctor"]
    found = {each["Sid"]: each["Resource"] for each in commands.told(*asked, "--policy")["Statement"]}
    sqs = "arn:aws:sqs:us-east-1:123456789012"
    assert found["Consume"] == [f"{sqs}:of-doctor"]
    assert found["PutAside"] == [f"{sqs}:of-doctor-dead"]
    assert found["SweepLedger"] == ["arn:aws:s3:::emr-job-suite/_state/ledger/*"]
    assert found["Publish"] == ["arn:aws:sns:us-east-1:123456789012:told"]
    # Of the pipeline that follows too.
    assert found["ListInputs"] == ["arn:aws:s3:::raw-of-doctor", "arn:aws:s3:::lake-of-doctor"]
    # The roles are those of its cluster's file.
    assert found["PassRoles"][0] == "arn:aws:iam::123456789012:role/EMR_DefaultRole"


def test_queues_of_a_pipeline_that_are_not_there_are_missing(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(CLUSTER.format(name="own", keeps="false"))
    (tmp_path / "eventful.yaml").write_text(PIPELINE)
    sqs = client(commands.aws.aws.url, "sqs")
    sqs.create_queue(QueueName="of-doctor")
    sqs.close()
    asked = ["doctor", "--pipeline", str(tmp_path / "eventful.yaml"), "--var", "raw=raw-of-doctor"]
    result = commands.run(*asked, "-o", "json")
    states = {each["name"]: each["state"] for each in json.loads(result.stdout)}
    assert result.exit_code == 2
    assert (states["queue of-doctor"], states["queue of-doctor-dead"]) == ("OK", "MISSING")
