"""Shows the logs of steps, once or as they arrive."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Emr
from orchestrator.aws.objects import Objects
from orchestrator.aws.serverless_words import is_id
from orchestrator.errors import UsageError
from orchestrator.identity import token_of
from orchestrator.logs.following import Pace, follow, now
from orchestrator.logs.places import Place, place_of
from orchestrator.logs.reading import Line, Logs
from orchestrator.ownership import owned

ENDED: Final = frozenset({"COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"})
_STEP: Final = re.compile(r"s-[A-Z0-9]+")
_CLUSTER: Final = re.compile(r"j-[A-Z0-9]+")
# Of a step whose cluster is not named: each cluster is a call or more.
_MOST_CLUSTERS: Final = 25


@dataclass(frozen=True)
class StepName:
    """A step, which EMR finds by its cluster only."""

    cluster_id: str
    step_id: str


Recorded = Callable[[str], Sequence[StepName]]


@dataclass(frozen=True)
class Edge:
    """What logs are read with; `say` tells what is no log, `redact` hides secrets."""

    emr: Emr
    objects: Objects
    clock: Clock
    say: Callable[[str], None]
    redact: Callable[[str], str] = str


def logs(edge: Edge, step: StepName, until: float, pace: Pace | None = None) -> Iterator[Line]:
    """Read a step's logs, and with a pace what comes until it has ended.

    Raises:
        UsageError: The cluster has no LogUri.
        RefusedCallError: There is no such step, or its logs may not be read.
        TimedOutError: More may come.
    """
    told = edge.emr.step(step.cluster_id, step.step_id, until)
    place = place_of(edge.emr.cluster(step.cluster_id, until), told)
    if place is None:
        raise UsageError(
            f"{step.step_id}: neither it nor its cluster {step.cluster_id} has a LogUri, so EMR keeps no logs of it; "
            "give the cluster's file a LogUri (s3://…) for the next one"
        )
    found = Logs(edge.objects, place, edge.redact)
    if not found.files(until):
        edge.say(_nothing_yet(place, told))
    if pace is None:
        return now(found, until)
    return follow(
        found,
        lambda: _has_ended(edge.emr.step(step.cluster_id, step.step_id, until)),
        edge.clock,
        until,
        pace,
    )


def steps_of(
    emr: Emr, what: str, cluster_id: str | None, owner: str, recorded: Recorded, until: float
) -> list[StepName]:
    """Find the steps that somebody means: a step, the steps of a cluster, or those of a run.

    Raises:
        UsageError: Nothing of that name is found.
    """
    if _STEP.fullmatch(what) or (cluster_id and is_id(what)):
        return [StepName(cluster_id, what) if cluster_id else _search(emr, what, until)]
    if _CLUSTER.fullmatch(what) or is_id(what):
        return [StepName(what, each["Id"]) for each in emr.steps(what, until)]
    found = list(recorded(what)) or _of_run(emr, what, owner, until)
    if not found:
        raise UsageError(
            f"{what}: expected the id of a step (s-…), a cluster (j-…) or a run; no run of that name is recorded, and "
            "no cluster carries its tag; orchestrator list shows the clusters; of a job run name the application too: "
            "--cluster APPLICATION"
        )
    return found


def _of_run(emr: Emr, run_id: str, owner: str, until: float) -> list[StepName]:
    for summary in _ours(emr, until):
        found = owned(emr.cluster(summary["Id"], until), owner)
        if found and found.ownership.run_id == run_id:
            return [StepName(summary["Id"], each["Id"]) for each in emr.steps(summary["Id"], until)]
    return []


def _search(emr: Emr, step_id: str, until: float) -> StepName:
    clusters = _ours(emr, until)
    for summary in clusters:
        if any(each["Id"] == step_id for each in emr.steps(summary["Id"], until)):
            return StepName(summary["Id"], step_id)
    raise UsageError(
        f"{step_id}: not among the steps of our newest {len(clusters)} clusters; name its cluster: --cluster j-…"
    )


def _ours(emr: Emr, until: float) -> list[Any]:
    """Return the newest clusters whose names carry a token, newest first."""
    named = [each for each in emr.clusters(until) if token_of(str(each.get("Name", "")))]
    return named[::-1][:_MOST_CLUSTERS]


def _has_ended(step: Any) -> bool:
    return step["Status"]["State"] in ENDED


def _nothing_yet(place: Place, step: Any) -> str:
    state = step["Status"]["State"]
    return (
        f"{place.step_id}: {state}, no logs yet; expected below {place.folder.uri(place.step_prefix)}: EMR puts them "
        "there about every 5 minutes while the step runs, the last ones some minutes after its end"
    )
