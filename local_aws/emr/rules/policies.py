"""Rules of scaling and termination policies, of tags and of the step concurrency level."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from local_aws.api.errors import AwsError, invalid_request, validation
from local_aws.emr import guesses
from local_aws.emr.rules.ranges import is_outside

# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-auto-termination-policy.html
DEFAULT_IDLE_TIMEOUT: Final = 3600
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions, which hold for EMR as well:
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags-restrictions.html
MOST_TAGS: Final = 50

_INDICES: Final = (1, 25, 50, 75, 100)
_CONCURRENCY: Final = "Invalid step concurrency level. Allowed level is from 1 to 256"
_CORE_ABOVE_MAXIMUM: Final = (
    "Invalid configuration for managed scaling. The max Core capacity cannot be higher than max capacity"
)
_CORE_ABOVE_ON_DEMAND: Final = (
    "Invalid configuration for managed scaling. If you select On-Demand market type for core nodes in a cluster with"
    " instance groups, MaximumCoreCapacityUnits must be less than or equal to MaximumOnDemandCapacityUnits."
)
# `AddTagsInput.Tags`.
_MOST_KEY: Final = 128
_MOST_VALUE: Final = 256
_TAG_KEY: Final = "Invalid tag key: '{key}'. Tag keys must be between 1 and 128 characters in length."
# The text names 1 and 128; the rule is 0 to 256 (`AddTagsInput.Tags`).
_TAG_VALUE: Final = "Invalid tag value: '{value}'. Tag values must be between 1 and 128 characters in length."


def check_managed_scaling(
    policy: Mapping[str, Any], has_fleets: bool, is_core_on_demand: bool = False
) -> None:
    """Hold a managed scaling policy against its rules (`ManagedScalingPolicy`, `ComputeLimits`).

    Args:
        policy: The policy.
        has_fleets: Whether the cluster has instance fleets, and not instance groups.
        is_core_on_demand: Whether it has instance groups, and On-Demand Instances as core nodes.

    Raises:
        AwsError: `ValidationException`, with the first fault.
    """
    limits = policy.get("ComputeLimits")
    if limits is None:
        raise validation(guesses.SCALING_WITHOUT_LIMITS)
    is_of_fleets = limits["UnitType"] == "InstanceFleetUnits"
    if has_fleets and not is_of_fleets:
        raise validation(guesses.SCALING_UNITS_OF_FLEETS)
    if not has_fleets and is_of_fleets:
        raise validation(guesses.SCALING_UNITS_OF_GROUPS)
    _check_limits(limits)
    core, on_demand = limits.get("MaximumCoreCapacityUnits"), limits.get("MaximumOnDemandCapacityUnits")
    if is_core_on_demand and core is not None and on_demand is not None and core > on_demand:
        raise validation(_CORE_ABOVE_ON_DEMAND)
    index = policy.get("UtilizationPerformanceIndex")
    if index is not None and policy.get("ScalingStrategy") != "ADVANCED":
        raise validation(guesses.SCALING_INDEX_STRATEGY)
    if index is not None and index not in _INDICES:
        raise validation(guesses.SCALING_INDEX)


def _check_limits(limits: Mapping[str, Any]) -> None:
    least, most = limits["MinimumCapacityUnits"], limits["MaximumCapacityUnits"]
    core, on_demand = limits.get("MaximumCoreCapacityUnits"), limits.get("MaximumOnDemandCapacityUnits")
    if least < 1:
        raise validation(guesses.SCALING_MINIMUM)
    if least > most:
        raise validation(guesses.SCALING_MINIMUM_ABOVE_MAXIMUM)
    if core is not None and core > most:
        raise validation(_CORE_ABOVE_MAXIMUM)
    if on_demand is not None and on_demand > most:
        raise validation(guesses.SCALING_ON_DEMAND_ABOVE_MAXIMUM)
    # Of On-Demand Instances 0 is a limit too: all are Spot Instances then.
    if (core is not None and core < 0) or (on_demand is not None and on_demand < 0):
        raise validation(guesses.SCALING_NEGATIVE)


def check_auto_termination(policy: Mapping[str, Any]) -> None:
    """Hold an auto-termination policy against its rule (`AutoTerminationPolicy.IdleTimeout`).

    Raises:
        AwsError: `ValidationException`, where the idle time-out is out of bounds; none means the default.
    """
    timeout = policy.get("IdleTimeout")
    if is_outside(timeout, 60, 604_800):
        raise validation(guesses.IDLE_TIMEOUT)


def check_tags(tags: Sequence[Mapping[str, Any]], existing_count: int) -> None:
    """Hold tags against their rules, those of AddTags and those of RunJobFlow.

    Args:
        tags: `Tags` of the request; the later of two with one key counts.
        existing_count: How many tags the cluster has under other keys.

    Raises:
        AwsError: `InvalidRequestException`, with the first fault, in both operations.
    """
    for tag in tags:
        key, value = tag.get("Key"), tag.get("Value") or ""
        if key is None or not 1 <= len(key) <= _MOST_KEY:
            raise invalid_request(_TAG_KEY.format(key="null" if key is None else key))
        if len(value) > _MOST_VALUE:
            raise invalid_request(_TAG_VALUE.format(value=value))
        for text in (key, value):
            if text.lower().startswith("aws:"):
                raise invalid_request(guesses.TAG_RESERVED.format(text=text))
    if existing_count + len({tag["Key"] for tag in tags}) > MOST_TAGS:
        raise invalid_request(guesses.TAGS_TOO_MANY)


def check_concurrency(level: int, error: Callable[[str], AwsError] = validation) -> None:
    """Hold a step concurrency level against its bounds (`RunJobFlowInput.StepConcurrencyLevel`).

    Args:
        level: The level.
        error: What the operation answers: RunJobFlow `ValidationException`, ModifyCluster
            `InvalidRequestException`.

    Raises:
        AwsError: That, where the level is out of bounds.
    """
    if is_outside(level, 1, 256):
        raise error(_CONCURRENCY)
