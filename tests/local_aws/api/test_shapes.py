"""Requests and answers against the service model."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.api.shapes import check_input, operation, output_faults

INSTANCES: dict[str, Any] = {"InstanceFleets": []}


def refused(name: str, given: dict[str, Any]) -> AwsError:
    model = operation(name)
    assert model is not None
    with pytest.raises(AwsError) as raised:
        check_input(model, given)
    return raised.value


def faults(name: str, answer: dict[str, Any]) -> list[str]:
    model = operation(name)
    assert model is not None
    return output_faults(model, answer)


def test_an_operation_that_emr_does_not_have_is_none() -> None:
    assert operation("RunJobFlows") is None


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("RunJobFlow", {"Name": "ünïcode 😀\n", "Instances": INSTANCES, "Unknown": 1}),
        ("RunJobFlow", {"Name": "", "Instances": {"KeepJobFlowAliveWhenNoSteps": False}, "Steps": None}),
        ("DescribeCluster", {"ClusterId": "j-1"}),
        ("ListClusters", {"CreatedAfter": 1.5, "ClusterStates": ["RUNNING"]}),
    ],
)
def test_what_the_model_allows_passes(name: str, given: dict[str, Any]) -> None:
    model = operation(name)
    assert model is not None
    check_input(model, given)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("RunJobFlow", {"Name": 1, "Instances": INSTANCES}, "NUMBER_VALUE can not be converted to a String"),
        ("RunJobFlow", {"Name": "x", "Instances": "y"}, "Expected list or null"),
        (
            "RunJobFlow",
            {"Name": "x", "Instances": {"InstanceCount": "3"}},
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            "RunJobFlow",
            {"Name": "x", "Instances": {"InstanceCount": True}},
            "TRUE_VALUE can not be converted to an Integer",
        ),
        ("DescribeCluster", {"ClusterId": {}}, "Start of structure or map found where not expected."),
    ],
)
def test_a_wrong_type_is_refused_at_once(name: str, given: dict[str, Any], message: str) -> None:
    fault = refused(name, given)
    assert (fault.code, fault.message, fault.status) == ("SerializationException", message, 400)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (
            "RunJobFlow",
            {"Instances": INSTANCES},
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "RunJobFlow",
            {"Name": "x" * 257, "Instances": {"InstanceFleets": [{"InstanceFleetType": "CORE"}, {}]}},
            (
                f"2 validation errors detected: Value '{'x' * 257}' at 'name' failed to satisfy constraint: "
                "Member must have length less than or equal to 256; Value null at "
                "'instances.instanceFleets.2.member.instanceFleetType' "
                "failed to satisfy constraint: Member must not be null"
            ),
        ),
        (
            "TerminateJobFlows",
            {"JobFlowIds": ["j-1", None]},
            (
                "1 validation error detected: Value null at 'jobFlowIds.2.member' failed to satisfy constraint: "
                "Member must not be null"
            ),
        ),
        (
            "ListClusters",
            {"ClusterStates": ["RUNNING", "DONE"]},
            (
                "1 validation error detected: Value 'DONE' at 'clusterStates.2.member' failed to satisfy constraint: "
                "Member must satisfy enum value set: [STARTING, BOOTSTRAPPING, RUNNING, WAITING, TERMINATING, "
                "TERMINATED, TERMINATED_WITH_ERRORS]"
            ),
        ),
        (
            "ModifyInstanceFleet",
            {"ClusterId": "j-1", "InstanceFleet": {"InstanceFleetId": "if-1", "TargetSpotCapacity": -1}},
            (
                "1 validation error detected: Value '-1' at 'instanceFleet.targetSpotCapacity' failed to satisfy "
                "constraint: Member must have value greater than or equal to 0"
            ),
        ),
    ],
)
def test_broken_constraints_are_refused_together(name: str, given: dict[str, Any], message: str) -> None:
    fault = refused(name, given)
    assert (fault.code, fault.message) == ("ValidationException", message)


def test_a_character_that_no_xml_holds_breaks_a_pattern() -> None:
    assert "regular expression pattern" in refused("RunJobFlow", {"Name": "a\x00", "Instances": {}}).message


def test_an_answer_holds_what_the_model_knows_and_nothing_else() -> None:
    good = {"Cluster": {"Id": "j-1", "Status": {"State": "RUNNING"}, "Tags": [{"Key": "a", "Value": "b"}]}}
    assert faults("DescribeCluster", good) == []
    bad = {"Cluster": {"Id": 1, "Status": {"State": "DONE"}, "Tags": [{"key": "a"}]}, "Id": "j-1"}
    assert faults("DescribeCluster", bad) == [
        ".Id: not in the model",
        ".cluster.id: expected string, got 1",
        (
            ".cluster.status.state: Member must satisfy enum value set: [STARTING, BOOTSTRAPPING, RUNNING, WAITING, "
            "TERMINATING, TERMINATED, TERMINATED_WITH_ERRORS], got 'DONE'"
        ),
        ".cluster.tags.1.member.key: not in the model",
    ]
    assert faults("TerminateJobFlows", {"Id": "j-1"}) == ["Id: expected an empty answer"]
    assert faults("TerminateJobFlows", {}) == []
