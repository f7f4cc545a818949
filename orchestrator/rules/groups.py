"""Rules of instance groups."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Fault, Rule, api, error, guide

MOST_TASK_GROUPS: Final = 48
MOST_INSTANCES: Final = 2000
_PRIMARIES: Final = (1, 3)
_GROUPS: Final = ("Instances", "InstanceGroups")


def roles(cluster: Cluster) -> Iterator[Fault]:
    """Group roles: one MASTER, at most one CORE, and at most 48 TASK beside CORE."""
    if cluster.instances.get("InstanceGroups") is None:
        return
    seen = Counter[str]()
    for group in cluster.groups:
        role = str(group.get("InstanceRole", ""))
        seen[role] += 1
        if role in {"MASTER", "CORE"} and seen[role] > 1:
            yield Fault((*group.path, "InstanceRole"), "a second group of a role", role, "one")
    if not seen["MASTER"]:
        yield Fault(_GROUPS, "no primary group", expected="one with InstanceRole: MASTER")
    if seen["TASK"] and not seen["CORE"]:
        yield Fault(_GROUPS, "task groups without a core group", expected="one with InstanceRole: CORE")
    if seen["TASK"] > MOST_TASK_GROUPS:
        yield Fault(_GROUPS, "too many task groups", seen["TASK"], f"at most {MOST_TASK_GROUPS}")


def sizes(cluster: Cluster) -> Iterator[Fault]:
    """Group sizes: 1 to 2,000 instances; MASTER 1, or 3 from 5.23.0 on."""
    for group in cluster.groups:
        count, path = group.get("InstanceCount", 1), (*group.path, "InstanceCount")
        if count < 1:
            yield Fault(path, "no instance", count, "1 or more")
        elif count > MOST_INSTANCES:
            yield Fault(path, "too many instances", count, f"at most {MOST_INSTANCES:,}")
        elif group.get("InstanceRole") == "MASTER" and count not in _PRIMARIES:
            yield Fault(path, "a primary group of another size", count, "1 or 3")
        elif group.get("InstanceRole") == "MASTER" and count > 1 and cluster.lacks((5, 23)):
            yield Fault(
                path, "three primary nodes with an older release", count, "1, or release 5.23.0 or later"
            )


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(api("InstanceGroupConfig"), roles),
    *error(guide("emr-plan-ha"), sizes),
)
