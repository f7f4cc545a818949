"""Rules of steps."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr import guesses
from local_aws.emr.rules.steps import check_steps

TOO_MANY = (
    "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
)
ACTIONS = ("CONTINUE", "CANCEL_AND_WAIT", "TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")
JAR = "command-runner.jar"


def step(action: str | None = "CONTINUE", **jar_step: Any) -> dict[str, Any]:
    given = {"Name": "n", "HadoopJarStep": {"Jar": JAR, **jar_step}}
    return given if action is None else {**given, "ActionOnFailure": action}


def refusal(
    steps: list[dict[str, Any]], concurrency: int = 1, active: int = 0, is_added: bool = True
) -> str | None:
    try:
        check_steps(steps, concurrency, active, is_added)
    except AwsError as fault:
        return fault.message if fault.code == "ValidationException" else str(fault)
    return None


def test_adding_no_steps_is_refused_and_launching_with_none_is_not() -> None:
    assert refusal([]) == guesses.NO_STEPS
    assert refusal([], is_added=False) is None


@pytest.mark.parametrize(("count", "active"), [(256, 0), (1, 255), (200, 56)])
@pytest.mark.parametrize("is_added", [True, False])
def test_256_active_steps_pass_and_the_257th_does_not(count: int, active: int, is_added: bool) -> None:
    assert refusal([step()] * count, active=active, is_added=is_added) is None
    assert refusal([step()] * count, active=active + 1, is_added=is_added) == TOO_MANY


@pytest.mark.parametrize(
    "jar_step",
    [
        {"Args": ["x" * 10_000, "y" * (240 - len(JAR))]},
        {"MainClass": "m" * (10_240 - len(JAR))},
        {
            "Properties": [
                {"Key": "k" * 100, "Value": "v" * (10_140 - len(JAR))},
                {"Key": None, "Value": None},
            ]
        },
        {"Args": ["é" * (10_240 - len(JAR))], "MainClass": None, "Unknown": "x"},
    ],
)
def test_10240_characters_of_a_jar_step_pass_and_one_more_does_not(jar_step: dict[str, Any]) -> None:
    assert refusal([step(**jar_step), step(**jar_step)]) is None
    longer = step(**jar_step)
    longer["HadoopJarStep"]["Jar"] += "r"
    assert refusal([step(), longer]) == guesses.STEP_CHARACTERS
    assert refusal([step(), longer], is_added=False) == guesses.STEP_CHARACTERS


@pytest.mark.parametrize("action", [None, *ACTIONS])
@pytest.mark.parametrize("is_added", [True, False])
def test_one_step_at_a_time_may_have_any_action_on_failure(action: str | None, is_added: bool) -> None:
    assert refusal([step(action)], is_added=is_added) is None


def test_a_step_added_beside_others_continues_or_is_refused() -> None:
    assert refusal([step("CONTINUE")], concurrency=2) is None
    for action in ACTIONS[1:]:
        assert refusal([step(), step(action)], concurrency=2) == f"Action on failure '{action}' is invalid."
    assert refusal([step(None)], concurrency=2) == "Action on failure 'TERMINATE_CLUSTER' is invalid."


def test_a_launch_with_steps_beside_each_other_refuses_to_cancel_and_wait_alone() -> None:
    for action in ("CONTINUE", "TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW", None):
        assert refusal([step(action)], concurrency=256, is_added=False) is None
    text = "Action on failure 'CANCEL_AND_WAIT' is invalid."
    assert refusal([step("CANCEL_AND_WAIT")], concurrency=2, is_added=False) == text


def test_the_number_of_steps_is_counted_before_they_are_looked_at() -> None:
    wrong = step("CANCEL_AND_WAIT", Args=["x" * 20_000])
    assert refusal([wrong] * 257, concurrency=2) == TOO_MANY
    assert refusal([wrong], concurrency=2) == "Action on failure 'CANCEL_AND_WAIT' is invalid."
