"""Operations on steps."""

from typing import Any

import pytest

from tests.local_aws.emr.launching import Laptop, step


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def refused(laptop: Laptop, name: str, **request: Any) -> str:
    return laptop.refused(name, **request)[1]


def test_the_257th_active_step_is_refused_and_none_of_its_call_is_added(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step()] * 250)
    message = refused(laptop, "AddJobFlowSteps", JobFlowId=cluster, Steps=[step()] * 7)
    assert message == (
        "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
    )
    assert len(laptop.emr.cluster(cluster).steps) == 250
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step()] * 6)
    ids = [found.id for found in laptop.emr.cluster(cluster).steps]
    laptop.call("CancelSteps", ClusterId=cluster, StepIds=ids[-1:])
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step()])


def test_steps_are_listed_newest_first_in_pages_or_as_they_are_named(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step(f"s{number}") for number in range(120)])
    first = laptop.call("ListSteps", ClusterId=cluster)
    assert [found["Name"] for found in first["Steps"]] == [f"s{number}" for number in range(119, 69, -1)]
    rest = laptop.call("ListSteps", ClusterId=cluster, Marker=first["Marker"])["Steps"]
    assert [found["Name"] for found in rest] == [f"s{number}" for number in range(69, 19, -1)]
    ids = [found["Id"] for found in first["Steps"]][:3]
    named = laptop.call("ListSteps", ClusterId=cluster, StepIds=[ids[2], ids[0]])["Steps"]
    assert [found["Name"] for found in named] == ["s117", "s119"]
    assert laptop.call("ListSteps", ClusterId=cluster, StepStates=["RUNNING"])["Steps"] == []


def test_what_asks_for_steps_wrongly_is_refused(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step()] * 11)
    ids = [found.id for found in laptop.emr.cluster(cluster).steps]
    assert refused(laptop, "ListSteps", ClusterId=cluster, StepIds=ids[:1], StepStates=["PENDING"]) == (
        "Cannot specify both StepIds and StepStates."
    )
    assert "10" in refused(laptop, "ListSteps", ClusterId=cluster, StepIds=ids)
    assert refused(laptop, "ListSteps", ClusterId=cluster, StepIds=["s-X"]) == "Step id 's-X' is not valid."
    assert refused(laptop, "DescribeStep", ClusterId=cluster, StepId="s-X") == "Step id 's-X' is not valid."


def test_only_the_newest_thousand_steps_are_visible(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    ids: list[str] = []
    for _ in range(4):
        added = laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step()] * 256)["StepIds"]
        laptop.call("CancelSteps", ClusterId=cluster, StepIds=added)
        laptop.emr.advance(60)
        ids += added
    assert "is not valid" in refused(laptop, "DescribeStep", ClusterId=cluster, StepId=ids[23])
    assert laptop.call("DescribeStep", ClusterId=cluster, StepId=ids[24])["Step"]["Id"] == ids[24]


def test_a_step_is_told_as_it_was_asked_for(laptop: Laptop) -> None:
    asked = {
        "Name": "x",
        "HadoopJarStep": {
            "Jar": "command-runner.jar",
            "MainClass": "a.B",
            "Properties": [{"Key": "k", "Value": "v"}],
            "Args": ["a", ""],
        },
    }
    cluster = laptop.launch(steps=[asked], StepExecutionRoleArn="arn:aws:iam::123456789012:role/runtime")
    told = laptop.call("ListSteps", ClusterId=cluster)["Steps"][0]
    assert told["Config"] == {
        "Jar": "command-runner.jar",
        "MainClass": "a.B",
        "Properties": {"k": "v"},
        "Args": ["a", ""],
    }
    assert told["ActionOnFailure"] == "TERMINATE_CLUSTER"
    assert told["Status"]["State"] == "PENDING"
    step_id = told["Id"]
    role = laptop.call("DescribeStep", ClusterId=cluster, StepId=step_id)["Step"]["ExecutionRoleArn"]
    assert role == "arn:aws:iam::123456789012:role/runtime"
