"""Rules of steps, those of RunJobFlow and those of AddJobFlowSteps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.emr import guesses

# https://docs.aws.amazon.com/emr/latest/APIReference/API_AddJobFlowSteps.html has both limits.
MOST_ACTIVE: Final = 256
MOST_CHARACTERS: Final = 10_240

_TOO_MANY: Final = (
    "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
)
_ACTION: Final = "Action on failure '{action}' is invalid."


def check_steps(steps: Sequence[Mapping[str, Any]], concurrency: int, active: int, is_added: bool) -> None:
    """Hold steps against their rules; all of a call's steps are taken, or none.

    Args:
        steps: `Steps` of the request.
        concurrency: The cluster's step concurrency level.
        active: How many steps the cluster has that are pending, running or to be cancelled.
        is_added: Whether AddJobFlowSteps brings them, and not RunJobFlow.

    Raises:
        AwsError: `ValidationException`, with the first fault.
    """
    if is_added and not steps:
        raise validation(guesses.NO_STEPS)
    if active + len(steps) > MOST_ACTIVE:
        raise validation(_TOO_MANY)
    for step in steps:
        action = step.get("ActionOnFailure") or guesses.DEFAULT_ACTION_ON_FAILURE
        if concurrency > 1 and _is_refused_beside_others(action, is_added):
            raise validation(_ACTION.format(action=action))
    for step in steps:
        if sum(map(len, _strings(step["HadoopJarStep"]))) > MOST_CHARACTERS:
            raise validation(guesses.STEP_CHARACTERS)


def _is_refused_beside_others(action: str, is_added: bool) -> bool:
    """Tell whether steps may not have an action on failure where several run at the same time.

    https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-concurrent-steps.html speaks of adding alone.
    """
    return action != "CONTINUE" if is_added else action in guesses.ACTIONS_REFUSED_AT_LAUNCH


def _strings(jar_step: Mapping[str, Any]) -> Iterator[str]:
    """Go through all strings of a `HadoopJarStep`."""
    given = [jar_step["Jar"], jar_step.get("MainClass"), *(jar_step.get("Args") or ())]
    for each in jar_step.get("Properties") or ():
        given += [each.get("Key"), each.get("Value")]
    return filter(None, given)
