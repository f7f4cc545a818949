"""Ends clusters: all that can be, whatever becomes of one of them."""

from collections.abc import Sequence
from typing import Final

from orchestrator.aws.emr import MOST_IDS, Emr
from orchestrator.errors import OrchestratorError
from orchestrator.reaping.deciding import Sentence
from orchestrator.reaping.looking import Fault

_ENDING: Final = frozenset({"TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"})


def end(emr: Emr, sentences: Sequence[Sentence], until: float) -> list[Fault]:
    """Ask for the end of clusters, protection lifted where it must be; return those that go on, and why."""
    faults: list[Fault] = []
    plain = [each for each in sentences if not each.must_lift_protection]
    for begin in range(0, len(plain), MOST_IDS):
        faults += _end_batch(emr, plain[begin : begin + MOST_IDS], until)
    # Protection is lifted one by one, and seldom: EMR allows a call in five seconds. So the others go first.
    for each in sentences:
        if each.must_lift_protection:
            faults += _end_one(emr, each, until)
    return faults


def _end_batch(emr: Emr, batch: Sequence[Sentence], until: float) -> list[Fault]:
    try:
        emr.terminate([each.cluster_id for each in batch], until)
    except OrchestratorError:
        # One of them is refused, or protected by now: which one, only single calls tell.
        return [fault for each in batch for fault in _end_one(emr, each, until)]
    return []


def _end_one(emr: Emr, sentence: Sentence, until: float) -> list[Fault]:
    try:
        if sentence.must_lift_protection:
            emr.lift_protection(sentence.cluster_id, until)
        emr.terminate([sentence.cluster_id], until)
    except OrchestratorError as error:
        return (
            []
            if _is_ending(emr, sentence, until)
            else [Fault(sentence.cluster_id, sentence.name, str(error))]
        )
    return []


def _is_ending(emr: Emr, sentence: Sentence, until: float) -> bool:
    """Tell whether a cluster has been ended meanwhile, by somebody else: then the error is none."""
    try:
        return emr.cluster(sentence.cluster_id, until)["Status"]["State"] in _ENDING
    except OrchestratorError:
        return False
