"""Looks at our clusters: lists tell no tags, so each that carries a token costs a call, once, and no other one does."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from orchestrator.aws.emr import Emr, created_at, seconds
from orchestrator.aws.serverless_words import ACTIVE as ACTIVE_APPLICATIONS
from orchestrator.errors import OrchestratorError
from orchestrator.identity import token_of
from orchestrator.ownership import owned
from orchestrator.reaping.deciding import ACTIVE, Seen, may_be_idle

_ACTIVE_STEPS: Final = frozenset({"PENDING", "RUNNING", "CANCEL_PENDING"})


@dataclass(frozen=True)
class Fault:
    """A cluster that could not be looked at, or not be ended, and why."""

    cluster_id: str
    name: str
    error: str


@dataclass
class Known:
    """Descriptions of former rounds of one process, by cluster; None is of a cluster that is not ours.

    Tags are not meant to change, so they are asked for once; before a cluster is ended it is described anew.
    """

    seen: dict[str, Seen | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """What a look has found: the active clusters, those of them that were described just now, and what failed."""

    seen: tuple[Seen, ...]
    fresh: frozenset[str]
    faults: tuple[Fault, ...]


def look(emr: Emr, owner: str, now: float, until: float, known: Known) -> Looked:
    """Look at the active clusters of an owner; what cannot be had of one is told and does not stop the others.

    Raises:
        RefusedCallError: They may not be listed.
        TimedOutError: AWS did not answer in time.
    """
    named = [each for each in emr.clusters(until, states=ACTIVE) if token_of(str(each.get("Name", "")))]
    known.seen = {each["Id"]: known.seen[each["Id"]] for each in named if each["Id"] in known.seen}
    found: list[Seen] = []
    fresh: set[str] = set()
    faults: list[Fault] = []
    for summary in sorted(named, key=lambda each: _turn(each, now)):
        cluster_id = summary["Id"]
        try:
            if cluster_id not in known.seen:
                known.seen[cluster_id] = seen_of(emr.cluster(cluster_id, until), owner)
                fresh.add(cluster_id)
            seen = known.seen[cluster_id]
            if seen is not None:
                found.append(_as_of_now(emr, seen, summary, now, until))
        except OrchestratorError as error:
            faults.append(Fault(cluster_id, summary["Name"], str(error)))
    return Looked(tuple(found), frozenset(fresh), tuple(faults))


def look_again(emr: Emr, owner: str, now: float, until: float, cluster_id: str) -> Seen | None:
    """Describe a cluster anew; None where it is not ours any more, or not active.

    Raises:
        RefusedCallError: There is none.
        TimedOutError: AWS did not answer in time.
    """
    description = emr.cluster(cluster_id, until)
    seen = seen_of(description, owner)
    return None if seen is None else _as_of_now(emr, seen, description, now, until)


def _turn(summary: Mapping[str, Any], now: float) -> str:
    """Order clusters, each round otherwise: where time runs out it is not always the same ones that are not seen."""
    return hashlib.sha256(f"{summary['Id']} {now}".encode()).hexdigest()


def seen_of(cluster: Mapping[str, Any], owner: str) -> Seen | None:
    """Read a description; None where the cluster is not ours, or is not active."""
    whose, state = owned(cluster, owner), str(cluster["Status"]["State"])
    if whose is None or state not in (*ACTIVE, *ACTIVE_APPLICATIONS):
        return None
    return Seen(
        str(cluster["Id"]),
        str(cluster["Name"]),
        whose.token,
        whose.ownership,
        state,
        created_at(cluster),
        is_protected=bool(cluster.get("TerminationProtected")),
        is_kept_alive=not cluster.get("AutoTerminate", False),
    )


def idle_since(ready_at: float, steps: Sequence[Mapping[str, Any]]) -> float | None:
    """Tell since when a cluster is idle, by its newest steps; None where one is active.

    Work that is no step, of a notebook or of somebody on the primary node, is not seen.
    """
    if any(each["Status"]["State"] in _ACTIVE_STEPS for each in steps):
        return None
    ends = [seconds(each["Status"].get("Timeline", {}).get("EndDateTime")) for each in steps]
    return max([ready_at, *ends])


def _as_of_now(emr: Emr, seen: Seen, told: Mapping[str, Any], now: float, until: float) -> Seen:
    """Bring what is known of a cluster up to date, by its summary or description."""
    seen = replace(seen, state=str(told["Status"]["State"]))
    if not may_be_idle(seen, now):
        return replace(seen, idle_since=None)
    ready_at = seconds(told["Status"].get("Timeline", {}).get("ReadyDateTime")) or seen.created_at
    return replace(seen, idle_since=idle_since(ready_at, emr.newest_steps(seen.cluster_id, until)))
