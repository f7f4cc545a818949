"""Rules of steps and of their concurrency."""

from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import Cluster, Placed
from orchestrator.rules.rule import Fault, Rule, advice, api, error, guide, is_outside

MOST_STEPS: Final = 256
MOST_CHARACTERS: Final = 10_240
_LEVEL: Final = ("StepConcurrencyLevel",)


def concurrency(cluster: Cluster) -> Iterator[Fault]:
    """Step concurrency: 1 to 256; above 1 from 5.28.0 on."""
    if is_outside(cluster.concurrency, 1, 256):
        yield Fault(_LEVEL, "out of range", cluster.concurrency, "1 to 256")
    elif cluster.concurrency > 1 and cluster.lacks((5, 28)):
        yield Fault(_LEVEL, "step concurrency with an older release", cluster.concurrency, "5.28.0 or later")


def action_beside_others(cluster: Cluster) -> Iterator[Fault]:
    """ActionOnFailure with step concurrency above 1: CONTINUE, as others are refused or do nothing."""
    for step in cluster.steps:
        action = step.get("ActionOnFailure")
        if cluster.concurrency > 1 and action not in {None, "CONTINUE"}:
            expected = "CONTINUE, or StepConcurrencyLevel: 1"
            yield Fault((*step.path, "ActionOnFailure"), "steps run beside each other", action, expected)


def no_action_beside_others(cluster: Cluster) -> Iterator[Fault]:
    """ActionOnFailure not given with step concurrency above 1: AWS does not say what it is then."""
    for step in cluster.steps:
        if cluster.concurrency > 1 and step.get("ActionOnFailure") is None:
            yield Fault((*step.path, "ActionOnFailure"), "steps run beside each other", expected="CONTINUE")


def number_of_steps(cluster: Cluster) -> Iterator[Fault]:
    """Steps: at most 256 that are pending or run."""
    if len(cluster.steps) > MOST_STEPS:
        yield Fault(("Steps",), "too many steps", len(cluster.steps), f"at most {MOST_STEPS}")


def step_characters(cluster: Cluster) -> Iterator[Fault]:
    """Size of a step: at most 10,240 characters in all strings of HadoopJarStep."""
    for step in cluster.steps:
        jar = step.part("HadoopJarStep")
        count = sum(map(len, _strings(jar))) if jar else 0
        if count > MOST_CHARACTERS:
            path = (*step.path, "HadoopJarStep")
            yield Fault(path, "too many characters", count, f"at most {MOST_CHARACTERS:,} in all strings")


def _strings(jar: Placed) -> Iterator[str]:
    given = [jar.get("Jar"), jar.get("MainClass"), *(jar.get("Args") or ())]
    for each in jar.items("Properties"):
        given += [each.get("Key"), each.get("Value")]
    return filter(None, given)


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(api("RunJobFlow"), concurrency),
    *error(guide("emr-concurrent-steps"), action_beside_others),
    *error(api("AddJobFlowSteps"), number_of_steps, step_characters),
    *advice(guide("emr-concurrent-steps"), no_action_beside_others),
)
