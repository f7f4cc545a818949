"""The reaper's stack: as CloudFormation takes it, with no more rights than it needs, and the handler that there is."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws.clients import client
from local_aws.server import Settings
from local_aws.stacks import deploy
from orchestrator.doctor.serverless_policy import END, LOOK
from orchestrator.ownership import OWNER
from orchestrator.reaper_lambda import OWNER as OWNER_VARIABLE
from tests.infrastructure.templates import FOLDER, lint, read, statements
from tests.local_aws.embedded import embedded

TEMPLATE = FOLDER / "reaper.yaml"


@pytest.fixture(scope="module")
def resources() -> Mapping[str, Any]:
    """Read the resources."""
    found: Mapping[str, Any] = read(TEMPLATE)["Resources"]
    return found


def test_the_linter_of_cloudformation_has_nothing_to_say() -> None:
    assert lint(TEMPLATE) == (0, "")


def test_what_it_may_end_carries_the_tag_of_its_owner(resources: Mapping[str, Any]) -> None:
    found = statements(resources["Role"])
    assert set(found) == {"See", "EndOurs", "EndOurApplications", "Log", "TellOfFailures"}
    ends = found["EndOurs"]
    assert set(ends["Action"]) == {
        "elasticmapreduce:TerminateJobFlows",
        "elasticmapreduce:SetTerminationProtection",
    }
    assert ends["Condition"]["StringEquals"] == {
        f"elasticmapreduce:ResourceTag/{OWNER}": {"Ref": "OwnerBucket"}
    }
    assert ends["Resource"] != "*"
    applications = found["EndOurApplications"]
    assert set(applications["Action"]) == set(END)
    assert applications["Condition"]["StringEquals"] == {f"aws:ResourceTag/{OWNER}": {"Ref": "OwnerBucket"}}
    assert applications["Resource"] != "*"


def test_for_everything_it_may_only_look(resources: Mapping[str, Any]) -> None:
    found = [each for each in statements(resources["Role"]).values() if each["Resource"] == "*"]
    assert [set(each["Action"]) for each in found] == [
        {
            "elasticmapreduce:ListClusters",
            "elasticmapreduce:DescribeCluster",
            "elasticmapreduce:ListSteps",
            *LOOK,
        }
        - {"emr-serverless:GetJobRun"}
    ]


def test_the_handler_and_its_environment_are_those_of_the_code(resources: Mapping[str, Any]) -> None:
    function = resources["Function"]["Properties"]
    module, _, name = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert function["Environment"]["Variables"] == {OWNER_VARIABLE: {"Ref": "OwnerBucket"}}


def test_a_round_ends_before_the_next_begins(resources: Mapping[str, Any]) -> None:
    assert resources["Schedule"]["Properties"]["ScheduleExpression"] == "rate(2 minutes)"
    assert resources["Function"]["Properties"]["Timeout"] < 120


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_the_stack_is_made(tmp_path: Path) -> None:
    with embedded(tmp_path, Settings()) as aws:
        aws.s3.create_bucket(Bucket="code")
        aws.s3.put_object(Bucket="code", Key="reaper.zip", Body=b"PK\x05\x06" + bytes(18))
        deploy(aws.aws.url, TEMPLATE, OwnerBucket="mine", CodeBucket="code", CodeKey="reaper.zip")
        rules = client(aws.aws.url, "events").list_rules()["Rules"]
    assert [each["ScheduleExpression"] for each in rules] == ["rate(2 minutes)"]
