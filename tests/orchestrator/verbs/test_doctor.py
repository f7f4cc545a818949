"""All checks are made, whatever one of them meets; what a request asks for is what is checked."""

from pathlib import Path

import pytest

from local_aws.server import Settings
from orchestrator.aws.clients import local_account
from orchestrator.checkout import ROOT
from orchestrator.config.cluster import load_cluster
from orchestrator.doctor.checks import State, missing, ok, unknown, warn
from orchestrator.errors import UsageError
from orchestrator.verbs.doctor import Wanted, doctor, is_well, partition_of, wanted_by
from tests.local_aws.embedded import embedded

NAMES = [
    "Java",
    "Python",
    "pyspark",
    "boto3",
    "credentials",
    "EMR release",
    "LogUri",
    "service role",
    "instance profile",
    "subnets",
    "bucket mine-of-doctor",
]


def test_on_the_embedded_aws_each_check_is_made_and_what_it_has_not_is_said(tmp_path: Path) -> None:
    with embedded(tmp_path, Settings()) as aws:
        account = local_account({"AWS_ENDPOINT_URL": aws.aws.url})
        without = {each.name: each for each in doctor(account, Wanted("mine-of-doctor"))}
        aws.s3.create_bucket(Bucket="mine-of-doctor")
        with_bucket = {
            each.name: each
            for each in doctor(account, Wanted("mine-of-doctor", log_uri="s3://mine-of-doctor"))
        }
    quotas = ["quota On-Demand vCPUs", "quota Spot vCPUs"]
    assert list(without) == [*NAMES, *quotas]
    settings = [
        "bucket mine-of-doctor: public access",
        "bucket mine-of-doctor: encryption",
        "bucket mine-of-doctor: versioning",
    ]
    assert list(with_bucket) == [*NAMES, *settings, *quotas]
    assert without["bucket mine-of-doctor"].state is State.MISSING
    assert without["bucket mine-of-doctor"].mend.startswith(
        f"aws --endpoint-url {aws.aws.url} s3api create-bucket"
    )
    assert without["service role"] == ok("service role", "the embedded EMR asks for none")
    assert with_bucket["quota Spot vCPUs"] == unknown("quota Spot vCPUs", "the embedded AWS does not have it")
    assert with_bucket["LogUri"] == ok("LogUri", "bucket mine-of-doctor")
    assert with_bucket["EMR release"] == ok("EMR release", "emr-7.14.0, Spark 3.5.8")


def test_a_release_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="--release: expected one of"):
        doctor(local_account({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}), Wanted("mine", "emr-9"))


def test_where_aws_does_not_answer_all_of_it_is_unknown_and_told() -> None:
    account = local_account({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    found = doctor(account, Wanted("mine", log_uri="s3://logs"))
    assert {each.state for each in found if each.name in ("credentials", "bucket mine", "LogUri")} == {
        State.UNKNOWN
    }


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("nowhere-none-1", "aws"),
    ],
)
def test_the_partition_is_that_of_the_region(region: str, partition: str) -> None:
    environ = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": region}
    assert partition_of(local_account(environ)) == partition


def test_by_default_the_roles_are_those_of_the_shipped_files() -> None:
    config = load_cluster(ROOT / "cluster_configs" / "base.yaml", {"bucket": "mine"})
    named = (config.request["ServiceRole"], config.request["JobFlowRole"])
    assert (Wanted("mine").service_role, Wanted("mine").instance_profile) == named


def test_only_what_is_missing_is_unwell() -> None:
    assert is_well([ok("a", ""), warn("b", "", ""), unknown("c", "")])
    assert not is_well([ok("a", ""), missing("b", "", "")])


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({}, Wanted("mine")),
        (
            {
                "ReleaseLabel": "emr-7.14.0",
                "ServiceRole": "s",
                "JobFlowRole": "j",
                "LogUri": "s3://l",
                "Instances": {"Ec2SubnetIds": ["a", "b"]},
            },
            Wanted("mine", "emr-7.14.0", "s", "j", ("a", "b"), "s3://l"),
        ),
        ({"Instances": {"Ec2SubnetId": "a"}}, Wanted("mine", subnet_ids=("a",))),
    ],
)
def test_what_a_request_asks_for_is_checked(request_: dict[str, object], wanted: Wanted) -> None:
    assert wanted_by("mine", request_) == wanted
