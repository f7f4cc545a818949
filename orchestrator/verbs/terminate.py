"""Ends clusters that somebody names: ours only, all of them or none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Emr, is_forgotten
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.serverless_words import ACTIVE as ACTIVE_APPLICATIONS
from orchestrator.aws.serverless_words import is_id
from orchestrator.errors import UsageError
from orchestrator.identity import bare_name, token_of
from orchestrator.ownership import OWNER, owned
from orchestrator.reaping.deciding import ACTIVE, Rule, Sentence
from orchestrator.reaping.ending import end
from orchestrator.reaping.looking import Fault

_CLUSTER: Final = re.compile(r"j-[A-Z0-9]+")
# What EMR answers of an id that it does not know.
_NO_CLUSTER: Final = "InvalidRequestException"


@dataclass(frozen=True)
class Target:
    """A cluster that was named; one that has ended, or is ending, has nothing to be done about."""

    cluster_id: str
    name: str
    state: str
    is_protected: bool

    @property
    def is_active(self) -> bool:
        """Tell whether it is still to be ended."""
        return self.state in ACTIVE or self.state in ACTIVE_APPLICATIONS


def targets(
    emr: Emr, owner: str, wanted: Sequence[str], until: float, *, is_protection_lifted: bool
) -> list[Target]:
    """Find the clusters that are named by id, name or token, and see that they may be ended.

    Raises:
        UsageError: One of them is not there, not ours, or protected; all such faults at once.
    """
    named = [each for each in wanted if not _is_id(each)]
    listed = emr.clusters(until, states=ACTIVE) if named else []
    faults: list[str] = []
    found: dict[str, Target] = {}
    for each in wanted:
        try:
            cluster_id = each if _is_id(each) else _by_name(listed, each)
            target = _target(emr, owner, cluster_id, until)
            _refuse_protected(target, is_protection_lifted=is_protection_lifted)
        except UsageError as error:
            faults.append(str(error))
        else:
            found[target.cluster_id] = target
    if faults:
        raise UsageError("nothing was ended:\n" + "\n".join(faults))
    return list(found.values())


def terminate(emr: Emr, found: Sequence[Target], until: float) -> list[Fault]:
    """Ask for the end of clusters, which comes minutes later; return those that go on, and why."""
    sentences = [
        Sentence(
            each.cluster_id, each.name, "asked for", Rule.REQUEST, must_lift_protection=each.is_protected
        )
        for each in found
        if each.is_active
    ]
    return end(emr, sentences, until)


def _is_id(text: str) -> bool:
    return _CLUSTER.fullmatch(text) is not None or is_id(text)


def _refuse_protected(target: Target, *, is_protection_lifted: bool) -> None:
    if target.is_active and target.is_protected and not is_protection_lifted:
        raise UsageError(
            f"{target.cluster_id}: {target.name} is protected from termination; --lift-protection ends it all the same"
        )


def _by_name(listed: Sequence[Mapping[str, Any]], name: str) -> str:
    """Find the one active cluster with a token that has a name, with or without the token, or a token."""
    ours = [each for each in listed if token_of(each["Name"])]
    same = [
        each["Id"]
        for each in ours
        if name in (each["Name"], bare_name(each["Name"]), str(token_of(each["Name"])))
    ]
    if not same:
        raise UsageError(
            f"{name}: no active cluster of ours has this name; expected an id (j-…), a name or a token: "
            "orchestrator list shows them"
        )
    if len(same) > 1:
        raise UsageError(
            f"{name}: {len(same)} clusters have this name; name one by its id: {', '.join(same)}"
        )
    return str(same[0])


def _target(emr: Emr, owner: str, cluster_id: str, until: float) -> Target:
    try:
        cluster = emr.cluster(cluster_id, until)
    except RefusedCallError as error:
        if error.code == _NO_CLUSTER or is_forgotten(error):
            raise UsageError(
                f"{cluster_id}: EMR knows no such cluster in this Region ({error.aws_message})"
            ) from error
        raise
    if owned(cluster, owner) is None:
        raise UsageError(
            f"{cluster_id}: {cluster['Name']!r} is not ours: expected a token at the end of its name and the tag "
            f"{OWNER}={owner}; aws emr terminate-clusters ends what is not"
        )
    state = str(cluster["Status"]["State"])
    return Target(cluster_id, str(cluster["Name"]), state, bool(cluster.get("TerminationProtected")))
