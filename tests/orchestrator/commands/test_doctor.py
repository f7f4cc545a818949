"""`orchestrator doctor` against the embedded AWS."""

import json

from tests.orchestrator.commands.conftest import Commands


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
