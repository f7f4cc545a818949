"""The policy of whoever runs pipelines on EMR Serverless."""

import pytest

from orchestrator.doctor.serverless_policy import serverless_statements
from orchestrator.ownership import OWNER

ROLE = "arn:aws:iam::123456789012:role/jobs"


def test_only_looks_are_allowed_on_everything_without_a_condition() -> None:
    for each in serverless_statements("mine", ROLE):
        is_bound = "Condition" in each
        looks = all(action.split(":")[1].startswith(("Get", "List")) for action in each["Action"])
        assert is_bound or looks, each


def test_what_is_made_and_changed_carries_the_owner() -> None:
    found = {each["Sid"]: each for each in serverless_statements("mine", ROLE)}
    assert found["CreateAsOwner"]["Condition"] == {"StringEquals": {f"aws:RequestTag/{OWNER}": "mine"}}
    assert found["RunOnOurs"]["Condition"] == {"StringEquals": {f"aws:ResourceTag/{OWNER}": "mine"}}
    assert "emr-serverless:StartJobRun" in found["RunOnOurs"]["Action"]


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
def test_one_role_is_passed_to_one_service(partition: str) -> None:
    found = {each["Sid"]: each for each in serverless_statements("mine", ROLE, partition)}
    assert found["PassJobRole"]["Resource"] == ROLE
    told = found["PassJobRole"]["Condition"]["StringEquals"]["iam:PassedToService"]
    assert told == "emr-serverless.amazonaws.com"
    assert found["RunOnOurs"]["Resource"] == f"arn:{partition}:emr-serverless:*:*:/applications/*"
