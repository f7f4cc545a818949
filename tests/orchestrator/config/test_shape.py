"""Requests held against botocore's model."""

from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.model import RUN_JOB_FLOW, request_shape
from orchestrator.config.shape import check_shape
from orchestrator.findings import dotted_path
from tests.orchestrator.rules.holding import FAULTLESS, changed
from tests.orchestrator.rules.requests import anything, values_of


def _told(request: dict[str, Any]) -> list[str]:
    return [
        f"{dotted_path(each.path)}: {each.problem}"
        + ("" if each.value is None else f", got {each.value}")
        + f"; expected {each.expected}"
        for each in check_shape(request).problems
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"Nmae": "x"},
            "Nmae: unknown key; did you mean Name?; expected one of the 35 names that AWS documents",
        ),
        (
            {"releaselabel": "x"},
            "releaselabel: unknown key; did you mean ReleaseLabel?; expected one of the 35 names",
        ),
        (
            {"InstanceFleets": []},
            "InstanceFleets: the right name in the wrong place; InstanceFleets belongs below Instances; expected",
        ),
        (
            {"Instances.ReleaseLabel": "x"},
            "Instances.ReleaseLabel: the right name in the wrong place; ReleaseLabel belongs at the root of the file",
        ),
        (
            {"*.1.WeightedCapacity": 1},
            (
                "Instances.InstanceFleets[1].WeightedCapacity: the right name in the wrong place; "
                "WeightedCapacity belongs below Instances.InstanceFleets[0].InstanceTypeConfigs[0]; "
                "expected one of Name, InstanceFleetType, TargetOnDemandCapacity, "
            ),
        ),
        (
            {"Instancefleet": []},
            "Instancefleet: unknown key; did you mean Instances.InstanceFleets?; expected",
        ),
        ({"Rubbish": 1}, "Rubbish: unknown key; expected one of the 35 names"),
        (
            {"*.1.TargetOnDemandCapacity": "ten"},
            (
                "Instances.InstanceFleets[1].TargetOnDemandCapacity: the wrong type, got 'ten'; "
                "expected a whole number"
            ),
        ),
        ({"EbsRootVolumeSize": 10.0}, "EbsRootVolumeSize: the wrong type, got 10.0; expected a whole number"),
        ({"EbsRootVolumeSize": True}, "EbsRootVolumeSize: the wrong type, got True; expected a whole number"),
        ({"Name": 5}, "Name: the wrong type, got 5; expected a string"),
        ({"Name": None}, "Name: the wrong type, got 'null'; expected a string"),
        (
            {"VisibleToAllUsers": "yes"},
            "VisibleToAllUsers: the wrong type, got 'yes'; expected true or false",
        ),
        (
            {"Instances.Ec2SubnetIds": "s"},
            "Instances.Ec2SubnetIds: the wrong type, got 's'; expected a list such as",
        ),
        ({"Tags": [1]}, "Tags[0]: the wrong type, got 1; expected names and values"),
        (
            {"ManagedScalingPolicy": []},
            "ManagedScalingPolicy: the wrong type, got []; expected names and values",
        ),
        (
            {"Steps.0.ActionOnFailure": "CONTINU"},
            (
                "Steps[0].ActionOnFailure: not a value of ActionOnFailure; did you mean CONTINUE?, got 'CONTINU'; "
                "expected one of TERMINATE_JOB_FLOW, TERMINATE_CLUSTER, CANCEL_AND_WAIT, CONTINUE"
            ),
        ),
        ({"Name": "n" * 257}, "Name: too long, got 'nnn"),
        (
            {"*.1.TargetSpotCapacity": -1},
            "Instances.InstanceFleets[1].TargetSpotCapacity: too small, got -1; expected",
        ),
        (
            {"StepExecutionRoleArn": "arn"},
            "StepExecutionRoleArn: too short, got 'arn'; expected at least 20 characters",
        ),
        (
            {"Steps.0": {"Name": "s"}},
            "Steps[0].HadoopJarStep: required, and not there; expected names and values",
        ),
        (
            {"LogUri": "a\x0bb"},
            "LogUri: characters that AWS refuses, got 'a\\x0bb'; expected text that matches",
        ),
        (
            {"Configurations.0.Properties": {"a": 1}},
            "Configurations[0].Properties.a: the wrong type, got 1; expected a string",
        ),
    ],
)
def test_what_the_model_does_not_allow_is_told(changes: dict[str, Any], problem: str) -> None:
    (told,) = _told(changed(changes))
    assert told.startswith(problem)


def test_all_is_told_at_once_with_sources() -> None:
    problems = check_shape({"Instances": {"Keys": 1}, "x": 2}).problems
    assert [(dotted_path(each.path), each.source) for each in problems] == [
        ("x", f"{RUN_JOB_FLOW.reference}/API_RunJobFlow.html"),
        ("Name", f"{RUN_JOB_FLOW.reference}/API_RunJobFlow.html"),
        ("Instances.Keys", f"{RUN_JOB_FLOW.reference}/API_JobFlowInstancesConfig.html"),
    ]


def test_so_many_errors_are_told_and_then_that_there_are_more() -> None:
    told = _told({**FAULTLESS, **{f"Rubbish{n}": n for n in range(1000)}})
    assert len(told) == 101
    assert told[-1] == ": more than 100 errors; the rest is not told; expected names of RunJobFlow"


def test_what_fits_stays_and_keeps_its_number() -> None:
    fit = check_shape(
        {"Name": 1, "Tags": [5, {"Key": "a"}], "Instances": {"Ec2SubnetIds": [1, "s"], "X": 1}}
    ).request
    assert fit == {"Tags": [{}, {"Key": "a"}], "Instances": {"Ec2SubnetIds": ["", "s"]}}


def test_a_faultless_request_stays_as_it_is() -> None:
    assert check_shape(FAULTLESS).request == FAULTLESS


def _is_accepted_by_boto3(request: dict[str, Any]) -> bool:
    return not ParamValidator().validate(request, request_shape()).has_errors()


@given(values_of(request_shape()))
@settings(max_examples=40)
def test_what_boto3_accepts_has_no_errors(request_: dict[str, Any]) -> None:
    assert _is_accepted_by_boto3(request_)
    assert _told(request_) == []


@given(st.one_of(anything(), anything().map(lambda odd: {**FAULTLESS, **odd})))
@settings(max_examples=100)
def test_what_boto3_refuses_has_an_error(request_: dict[str, Any]) -> None:
    told = _told(request_)
    if not _is_accepted_by_boto3(request_):
        assert told
    else:
        # boto3 leaves to AWS what the model says of enumerations and lengths, and takes true for a number.
        ours = (
            ": not a value of ",
            ": too long",
            ": characters that",
            "got True",
            "got False",
            ": too large",
        )
        assert all(any(each in line for each in ours) for line in told)
