"""Which clusters have to end and why: a pure function of what is seen, and of the time.

A cluster gets one sentence, by the first of these rules that holds:

- lifetime: it has lived as long as its tag allows, or will have within the two minutes until the reaper comes again,
  since EMR takes up to five more to end it. Its protection is lifted: the owner has stated the limit.
- duplicate: another active cluster has its token. The one that the state knows stays, or else the oldest. Protection is
  lifted: the same request has set it on both.
- stuck: it has been starting for too long. Protection is lifted: nothing can have run on it.
- orphan: it is kept alive and waits, and the run that it was made for is over.
- idle: it waits for steps as long as its tag allows.

A protected cluster is never ended as an orphan or as idle: somebody means to keep it, up to its lifetime.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from orchestrator.aws.serverless_words import READY as APPLICATION_READY
from orchestrator.identity import Token
from orchestrator.ownership import Ownership

STUCK_AFTER_S: Final = 7200.0
# A round of the reaper; of a short lifetime not more than a tenth.
LEAD_S: Final = 120.0
_LEAD_SHARE: Final = 0.1
STARTING: Final = frozenset({"STARTING", "BOOTSTRAPPING", "CREATING"})
ACTIVE: Final = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
# An application that has job runs is STARTED as well: whether it is idle they tell.
_WAITING: Final = frozenset({"WAITING"}) | APPLICATION_READY


class Rule(StrEnum):
    """Why a cluster has to end."""

    LIFETIME = "lifetime"
    DUPLICATE = "duplicate"
    STUCK = "stuck"
    ORPHAN = "orphan"
    IDLE = "idle"
    REQUEST = "request"


@dataclass(frozen=True)
class Seen:
    """An active cluster of ours; instants are in seconds of the Unix epoch.

    `idle_since` is None where it is not known to be idle, or was not asked for.
    """

    cluster_id: str
    name: str
    token: Token
    ownership: Ownership
    state: str
    created_at: float
    idle_since: float | None = None
    is_protected: bool = False
    is_kept_alive: bool = True


@dataclass(frozen=True)
class Sentence:
    """A cluster that has to end."""

    cluster_id: str
    name: str
    reason: str
    rule: Rule
    must_lift_protection: bool


@dataclass(frozen=True)
class Knowledge:
    """What is known beside what EMR says; without it the reaper judges by EMR alone.

    `recorded` tells which cluster the state has for a token, `is_over` whether a run is; None is not known.
    """

    stuck_after_s: float = STUCK_AFTER_S
    recorded: Callable[[Token], str | None] = lambda _: None
    is_over: Callable[[str], bool | None] = lambda _: None


def decide(clusters: Sequence[Seen], now: float, knowledge: Knowledge) -> list[Sentence]:
    """Decide which clusters have to end, the oldest first."""
    kept = _kept(clusters, knowledge)
    found = (_judge(each, now, knowledge, kept[each.token]) for each in sorted(clusters, key=_age))
    return [sentence for sentence in found if sentence is not None]


def may_be_idle(cluster: Seen, now: float) -> bool:
    """Tell whether it is worth a call to ask since when a cluster is idle."""
    limit = cluster.ownership.idle_timeout_s
    return (
        cluster.state in _WAITING
        and not cluster.is_protected
        and limit is not None
        and now - cluster.created_at >= limit
    )


def _kept(clusters: Iterable[Seen], knowledge: Knowledge) -> dict[Token, Seen]:
    """Choose for each token the cluster that stays."""
    same: dict[Token, list[Seen]] = defaultdict(list)
    for each in sorted(clusters, key=_age):
        same[each.token].append(each)
    kept = {}
    for token, several in same.items():
        recorded = knowledge.recorded(token) if len(several) > 1 else None
        kept[token] = next((each for each in several if each.cluster_id == recorded), several[0])
    return kept


def lead_s(max_lifetime_s: float) -> float:
    """Tell how long before its limit a cluster is asked to end."""
    return min(LEAD_S, _LEAD_SHARE * max_lifetime_s)


def _judge(cluster: Seen, now: float, knowledge: Knowledge, kept: Seen) -> Sentence | None:
    age_s, limits = now - cluster.created_at, cluster.ownership
    if limits.max_lifetime_s is not None and age_s >= limits.max_lifetime_s - lead_s(limits.max_lifetime_s):
        return _sentence(
            cluster, Rule.LIFETIME, f"lives for {age_s:.0f} s, allowed {limits.max_lifetime_s:.0f} s"
        )
    if kept is not cluster:
        return _sentence(cluster, Rule.DUPLICATE, f"has the token of {kept.cluster_id}, which stays")
    if cluster.state in STARTING and age_s >= knowledge.stuck_after_s:
        return _sentence(
            cluster, Rule.STUCK, f"{cluster.state} for {age_s:.0f} s, allowed {knowledge.stuck_after_s:.0f} s"
        )
    is_left_alone = cluster.state not in _WAITING or cluster.is_protected
    return None if is_left_alone else _judge_waiting(cluster, now, knowledge)


def _judge_waiting(cluster: Seen, now: float, knowledge: Knowledge) -> Sentence | None:
    limits, run_id = cluster.ownership, cluster.ownership.run_id
    if cluster.is_kept_alive and run_id is not None and knowledge.is_over(run_id):
        return _sentence(cluster, Rule.ORPHAN, f"was made for the run {run_id}, which is over")
    idle_s = None if cluster.idle_since is None else now - cluster.idle_since
    if idle_s is not None and limits.idle_timeout_s is not None and idle_s >= limits.idle_timeout_s:
        return _sentence(
            cluster, Rule.IDLE, f"idle for {idle_s:.0f} s, allowed {limits.idle_timeout_s:.0f} s"
        )
    return None


def _sentence(cluster: Seen, rule: Rule, reason: str) -> Sentence:
    return Sentence(cluster.cluster_id, cluster.name, reason, rule, must_lift_protection=cluster.is_protected)


def _age(cluster: Seen) -> tuple[float, str]:
    return cluster.created_at, cluster.cluster_id
