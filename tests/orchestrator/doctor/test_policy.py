"""The caller's policy: no more than it needs, and what it needs for each call that the edge makes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from orchestrator.aws import emr
from orchestrator.doctor.policy import node_policy, policy_statements, trust, trusts

ROLES = ["arn:aws:iam::123456789012:role/service", "arn:aws:iam::123456789012:role/nodes"]
POLICY = policy_statements("mine", "mine", ROLES)
STATEMENTS: dict[str, Any] = {each["Sid"]: each for each in POLICY["Statement"]}


def test_only_looking_and_launching_are_for_everything() -> None:
    assert [sid for sid, each in STATEMENTS.items() if each["Resource"] == "*"] == ["See", "LaunchAsOwner"]
    assert not any("*" in action for each in STATEMENTS.values() for action in each["Action"])
    assert all(re.search(":(Describe|List)", action) for action in STATEMENTS["See"]["Action"])


def test_a_cluster_is_launched_with_the_tag_of_its_owner_and_only_such_ones_are_changed() -> None:
    assert STATEMENTS["LaunchAsOwner"]["Condition"] == {
        "StringEquals": {"elasticmapreduce:RequestTag/emr-job-suite:owner": "mine"}
    }
    assert STATEMENTS["ChangeOurs"]["Condition"] == {
        "StringEquals": {"elasticmapreduce:ResourceTag/emr-job-suite:owner": "mine"}
    }
    assert {"elasticmapreduce:TerminateJobFlows", "elasticmapreduce:AddJobFlowSteps"} < set(
        STATEMENTS["ChangeOurs"]["Action"]
    )


def test_our_tags_are_not_changed_afterwards() -> None:
    deny = STATEMENTS["KeepTags"]
    assert (deny["Effect"], set(deny["Action"])) == (
        "Deny",
        {"elasticmapreduce:AddTags", "elasticmapreduce:RemoveTags"},
    )
    assert "emr-job-suite:owner" in deny["Condition"]["ForAnyValue:StringEquals"]["aws:TagKeys"]


def test_roles_are_passed_by_name_and_to_emr_and_ec2_only() -> None:
    assert STATEMENTS["PassRoles"] == {
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": ROLES,
        "Condition": {
            "StringEquals": {"iam:PassedToService": ["elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"]}
        },
    }


def test_each_operation_of_the_edge_is_allowed() -> None:
    source = Path(emr.__file__).read_text(encoding="utf-8")
    names = get_session().get_service_model("emr").operation_names
    used = {f"elasticmapreduce:{name}" for name in names if f'"{name}"' in source}
    allowed = {
        action for each in STATEMENTS.values() if each["Effect"] == "Allow" for action in each["Action"]
    }
    assert len(used) > 5
    assert used <= allowed


def test_inputs_and_logs_are_listed_and_read_and_nothing_is_said_twice() -> None:
    told = policy_statements("mine", "mine", ROLES, ["raw", "mine", "logs", "raw"])["Statement"]
    assert told[-2:] == [
        {
            "Sid": "ListInputs",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::raw", "arn:aws:s3:::logs"],
        },
        {
            "Sid": "ReadInputs",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": ["arn:aws:s3:::raw/*", "arn:aws:s3:::logs/*"],
        },
    ]
    assert told[:-2] == POLICY["Statement"]
    assert policy_statements("mine", "mine", ROLES, ["mine"]) == POLICY


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_arns_are_of_the_partition(partition: str) -> None:
    for document in (
        policy_statements("mine", "mine", [], ["raw"], partition),
        node_policy("mine", ["raw"], partition),
    ):
        arns = re.findall(r'"arn:([^:]+):', json.dumps(document))
        assert set(arns) == {partition}


def test_nodes_may_do_what_jobs_do_with_the_bucket_and_only_read_the_others() -> None:
    found = {each["Sid"]: each for each in node_policy("mine", ["raw"])["Statement"]}
    assert list(found) == ["ListBucket", "State", "ListInputs", "ReadInputs", "Write"]
    assert found["Write"]["Resource"] == "arn:aws:s3:::mine/*"


def test_the_policy_is_a_document() -> None:
    assert json.loads(json.dumps(POLICY)) == POLICY
    assert POLICY["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (trust("ec2.amazonaws.com"), True),
        (json.dumps(trust("ec2.amazonaws.com")), True),
        (trust("lambda.amazonaws.com"), False),
        ({"Statement": {"Effect": "Allow", "Principal": {"Service": ["a", "ec2.amazonaws.com"]}}}, True),
        ({"Statement": [{"Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com"}}]}, False),
        ({"Statement": [{"Effect": "Allow", "Principal": "*"}]}, False),
        ({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "ec2.amazonaws.com"}}]}, False),
        ({}, False),
    ],
)
def test_whom_a_role_trusts(document: Any, found: bool) -> None:
    assert trusts(document, "ec2.amazonaws.com") is found
