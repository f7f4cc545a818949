"""How long a cluster may take until it is ready: as long as its request lets EMR look for capacity, and then some."""

from collections.abc import Mapping
from typing import Any, Final

# From the last instance that was found to the first step: boot, bootstrap actions, applications; and what EMR itself
# needs to turn to On-Demand Instances after a time-out.
AFTERWARDS_S: Final = 2_400.0
LEAST_S: Final = 3_600.0


def ready_within_s(request: Mapping[str, Any]) -> float:
    """Return the seconds after which a cluster that is not ready may be given up, by its RunJobFlow request.

    The time-out of a Spot fleet is for the launch as a whole, so of several the longest counts.
    """
    fleets = (request.get("Instances") or {}).get("InstanceFleets") or ()
    longest_s = max(map(_time_out_s, fleets), default=0.0)
    return max(longest_s + AFTERWARDS_S, LEAST_S)


def _time_out_s(fleet: Mapping[str, Any]) -> float:
    spot = (fleet.get("LaunchSpecifications") or {}).get("SpotSpecification") or {}
    return float(spot.get("TimeoutDurationMinutes") or 0) * 60
