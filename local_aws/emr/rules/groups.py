"""Rules of instance groups.

https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html, and for their limits
https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-service-limits-what-are.html.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.emr import guesses
from local_aws.emr.rules import fleets
from local_aws.emr.rules.releases import Release
from local_aws.emr.rules.sizes import MOST_INSTANCES
from local_aws.emr.rules.volumes import volume_faults

MOST_TASK_GROUPS: Final = 48
NO_MASTER: Final = "Zero master instance groups supplied, you must specify exactly one master instance group"


def check_groups(groups: Sequence[Mapping[str, Any]], release: Release) -> None:
    """Hold the groups of a RunJobFlow request (`Instances.InstanceGroups`) against their rules.

    Raises:
        AwsError: `ValidationException`, with the first fault.
    """
    roles = Counter(group["InstanceRole"] for group in groups)
    for group in groups:
        if group["InstanceRole"] != "TASK" and roles[group["InstanceRole"]] > 1:
            raise validation(fleets.MULTIPLE_OF_A_ROLE.format(role=group["InstanceRole"].lower()))
        _check_group(group, release)
    if "TASK" in roles and "CORE" not in roles:
        raise validation("Clusters with task nodes must also define core nodes.")
    if "MASTER" not in roles:
        raise validation(NO_MASTER)
    if roles["TASK"] > MOST_TASK_GROUPS:
        raise validation(guesses.TASK_GROUPS)


def _check_group(group: Mapping[str, Any], release: Release) -> None:
    """Hold a group against its rules; of masters there are one, or three, which watch each other."""
    count = group["InstanceCount"]
    if count < 1:
        raise validation("An instance group must have at least one instance")
    if group["InstanceRole"] == "MASTER" and count > 1 and not release.has_three_masters:
        raise validation("A master instance group must specify a single instance")
    if group["InstanceRole"] == "MASTER" and count not in {1, 3}:
        raise validation("Master instance group must have exactly 3 instances for HA clusters.")
    if count > MOST_INSTANCES:
        raise validation(guesses.GROUP_SIZE)
    bid = group.get("BidPrice")
    if bid is not None and group.get("Market") != "SPOT":
        raise validation("Attempted to set bid price for on demand instance group.")
    if bid is not None:
        fleets.refuse(fleets.bid_faults(bid, "group"), validation)
    fleets.refuse(volume_faults(group.get("EbsConfiguration") or {}), validation)
