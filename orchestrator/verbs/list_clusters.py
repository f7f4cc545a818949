"""Lists clusters whose names carry a token, with one call for all; wide, with a call or two for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.aws.emr import Emr, created_at, seconds
from orchestrator.aws.serverless_words import ACTIVE as ACTIVE_APPLICATIONS
from orchestrator.errors import RefusedError
from orchestrator.identity import Token, bare_name, token_of
from orchestrator.ownership import owned
from orchestrator.reaping.deciding import ACTIVE


@dataclass(frozen=True)
class Row:
    """A cluster; what only `wide` tells is None without."""

    id: str
    name: str
    token: str
    state: str
    reason: str
    created: str
    age: str
    age_s: float
    owner: str | None = None
    lifetime_left: str | None = None
    lifetime_left_s: float | None = None
    fleets: str | None = None


def list_clusters(
    emr: Emr, owner: str, now: float, until: float, *, is_wide: bool = False, with_ended: bool = False
) -> list[Row]:
    """List clusters of ours, oldest first; wide, only those that carry the owner's tag.

    Raises:
        RefusedCallError: They may not be listed.
        TimedOutError: AWS did not answer in time.
    """
    found = emr.clusters(until, states=() if with_ended else ACTIVE)
    named = [(each, token) for each in found if (token := token_of(str(each.get("Name", ""))))]
    if not is_wide:
        return [_row(summary, token, now) for summary, token in named]
    wide = (_wide(emr, owner, summary, token, now, until) for summary, token in named)
    return [row for row in wide if row is not None]


def duration(length_s: float) -> str:
    """Write a length of time in its two largest units, such as `3 h 20 min`."""
    sign, rest = ("-" if length_s < 0 else ""), int(abs(length_s))
    parts = []
    for unit_s, name in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, unit_s)
        if count:
            parts.append(f"{count} {name}")
    return sign + (" ".join(parts[:2]) or "0 s")


def fleets_text(fleets: Sequence[Mapping[str, Any]]) -> str:
    """Write what fleets have of what they want, in units: `CORE 2/2, TASK 1/4 Spot`."""
    return ", ".join(
        " ".join([str(fleet["InstanceFleetType"]), *_markets(fleet)])
        for fleet in sorted(fleets, key=lambda each: str(each["InstanceFleetType"]))
    )


def _markets(fleet: Mapping[str, Any]) -> list[str]:
    on_demand = (fleet.get("ProvisionedOnDemandCapacity", 0), fleet.get("TargetOnDemandCapacity", 0))
    spot = (fleet.get("ProvisionedSpotCapacity", 0), fleet.get("TargetSpotCapacity", 0))
    found = [
        f"{has}/{wants}{name}" for (has, wants), name in ((on_demand, ""), (spot, " Spot")) if has or wants
    ]
    return found or ["0/0"]


def _row(cluster: Mapping[str, Any], token: Token, now: float) -> Row:
    status, created = cluster["Status"], created_at(cluster)
    ended = seconds(status.get("Timeline", {}).get("EndDateTime"))
    age_s = (ended or now) - created
    reason = status.get("StateChangeReason", {})
    return Row(
        id=str(cluster["Id"]),
        name=bare_name(str(cluster["Name"])),
        token=str(token),
        state=str(status["State"]),
        reason=": ".join(str(reason[name]) for name in ("Code", "Message") if reason.get(name)),
        created=datetime.fromtimestamp(created, UTC).isoformat(timespec="seconds"),
        age=duration(age_s),
        age_s=age_s,
    )


def _wide(
    emr: Emr, owner: str, summary: Mapping[str, Any], token: Token, now: float, until: float
) -> Row | None:
    try:
        description = emr.cluster(summary["Id"], until)
        has_fleets = description.get("InstanceCollectionType") == "INSTANCE_FLEET"
        fleets = fleets_text(emr.fleets(summary["Id"], until)) if has_fleets else ""
    except RefusedError:  # gone, or not ours to look at: what the list says is all there is
        return _row(summary, token, now)
    whose = owned(description, owner)
    if whose is None:
        return None
    row, lifetime_s = _row(summary, token, now), whose.ownership.max_lifetime_s
    is_active = row.state in (*ACTIVE, *ACTIVE_APPLICATIONS)
    left_s = lifetime_s - row.age_s if is_active and lifetime_s is not None else None
    return Row(
        **{
            **vars(row),
            "owner": owner,
            "lifetime_left": None if left_s is None else duration(left_s),
            "lifetime_left_s": left_s,
            "fleets": fleets,
        }
    )
