"""Rules of instance fleets."""

from collections.abc import Callable
from typing import Any

import pytest

from local_aws.api.errors import AwsError, invalid_request
from local_aws.emr import guesses
from local_aws.emr.rules import fleets
from local_aws.emr.rules.releases import Release

Given = dict[str, Any]

KNOWN = frozenset({"m5.xlarge", "r5.xlarge", *(f"t{number}.large" for number in range(40))})
RESUBMIT = " Revise the configuration and resubmit."
MULTIPLE = "Multiple {0} instance groups supplied, you must specify exactly one {0} instance group"
NO_MASTER = "No master instance fleets were supplied; you must specify exactly one master instance fleet."
NO_TARGET = (
    "The instance fleet ({}) should have a value of one or greater for either targetOnDemandCapacity or"
    " targetSpotCapacity."
)
TWO_BIDS = (
    "Specify at most one of bidPrice or bidPriceAsPercentageOfOnDemandPrice value for the Spot Instance fleet : {}"
    " request."
)
TASK_WITHOUT_CORE = "Clusters with task instance fleets must also define core instance fleets."
MASTER_WEIGHT = "All instance types in the master instance fleet must have weighted capacity as 1."
NO_PRIORITY = guesses.STRATEGY_PRIORITY
SPOT_TIMEOUT = guesses.SPOT_TIMEOUT.format(name="null")
PRIORITIZED = "capacity-optimized-prioritized"
ON_DEMAND = {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}}


def kinds(count: int) -> list[Given]:
    return [{"InstanceType": f"t{number}.large"} for number in range(count)]


def fleet(role: str = "CORE", **changes: Any) -> Given:
    given = {"InstanceFleetType": role, "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": kinds(1)}
    return {**given, **changes}


def kind(**changes: Any) -> Given:
    """Return a fleet of one type that is changed."""
    return fleet(InstanceTypeConfigs=[{"InstanceType": "m5.xlarge", **changes}])


def spot(priority: float | None = None, **changes: Any) -> Given:
    """Return a fleet whose launch specification of Spot Instances is changed."""
    spec = {"TimeoutDurationMinutes": 60, "TimeoutAction": "SWITCH_TO_ON_DEMAND", **changes}
    types = [{"InstanceType": "m5.xlarge"}, {"InstanceType": "r5.xlarge", "Priority": priority}]
    return fleet(
        TargetSpotCapacity=2, LaunchSpecifications={"SpotSpecification": spec}, InstanceTypeConfigs=types
    )


def reserved(strategy: str | None) -> Given:
    options = {"CapacityReservationOptions": {"UsageStrategy": "use-capacity-reservations-first"}}
    spec = {"OnDemandSpecification": {"AllocationStrategy": strategy, **options}}
    return fleet(
        LaunchSpecifications=spec, InstanceTypeConfigs=[{"InstanceType": "m5.xlarge", "Priority": 0}]
    )


def resize(market: str, **spec: Any) -> Given:
    return {"ResizeSpecifications": {f"{market}ResizeSpecification": spec, "Unknown": 1}}


def volume(kind_of_volume: str) -> Given:
    specification = {"VolumeType": kind_of_volume, "SizeInGB": 100}
    return kind(EbsConfiguration={"EbsBlockDeviceConfigs": [{"VolumeSpecification": specification}]})


def refusal(check: Callable[..., None], *given: Any) -> str | None:
    try:
        check(*given)
    except AwsError as fault:
        return str(fault)
    return None


# Good fleets beside a good master, whichever rule they come near.
GOOD: list[Given] = [
    fleet(),
    fleet("CORE", TargetOnDemandCapacity=0, TargetSpotCapacity=1),
    fleet("CORE", TargetOnDemandCapacity=None, TargetSpotCapacity=1, Name=None, LaunchSpecifications=None),
    fleet(InstanceTypeConfigs=kinds(5)),
    fleet(LaunchSpecifications={"Unknown": 1, "SpotSpecification": None}),
    kind(WeightedCapacity=1),
    kind(WeightedCapacity=999),
    *[kind(BidPrice=bid) for bid in ("0.001", "1", "12.", "3.5", ".5", "+1.250")],
    kind(BidPriceAsPercentageOfOnDemandPrice=0.0),
    spot(TimeoutDurationMinutes=5),
    spot(TimeoutDurationMinutes=1440),
    spot(AllocationStrategy="price-capacity-optimized"),
    spot(priority=0.0, AllocationStrategy=PRIORITIZED),
    reserved("lowest-price"),
    fleet(**resize("Spot", TimeoutDurationMinutes=5)),
    fleet(**resize("OnDemand", TimeoutDurationMinutes=10_080)),
    fleet(**resize("OnDemand", AllocationStrategy="lowest-price")),
    volume("gp2"),
]

# For each rule, fleets that it refuses, and with which text.
BAD: dict[str, list[tuple[Given, str]]] = {
    "_known_types": [(kind(InstanceType="x9.large"), "Instance type 'x9.large' is not supported.")],
    "_capacity": [
        (fleet(TargetOnDemandCapacity=0), NO_TARGET.format("null")),
        (fleet(TargetOnDemandCapacity=None, TargetSpotCapacity=0, Name="core"), NO_TARGET.format("core")),
        (fleet(InstanceTypeConfigs=[], Name="core"), guesses.FLEET_WITHOUT_TYPES.format(name="core")),
        (fleet(InstanceTypeConfigs=None), guesses.FLEET_WITHOUT_TYPES.format(name="null")),
    ],
    "_weights": [(kind(WeightedCapacity=0), "Weighted capacity cannot be zero." + RESUBMIT)],
    "_bids": [
        (kind(BidPrice="1", BidPriceAsPercentageOfOnDemandPrice=0.0), TWO_BIDS.format("null")),
        *[(kind(BidPrice=bid), "The bid price is negative or zero.") for bid in ("0", "-1.5", "0.000")],
        *[
            (kind(BidPrice=bid), "The bid price supplied for an instance fleet is invalid")
            for bid in ("", "cheap", "1e3", "nan", "1 ", "1\n", ".")
        ],
        (kind(BidPrice="0.1234"), "No more than 3 digits are allowed after decimal place in bid price"),
    ],
    "_duplicates": [
        (
            fleet(InstanceTypeConfigs=[*kinds(2), *kinds(3)]),
            "The instance fleet: null contains duplicate instance types [t0.large, t1.large]." + RESUBMIT,
        )
    ],
    "_number_of_types": [
        (fleet(InstanceTypeConfigs=kinds(6)), guesses.FLEET_TYPES.format(name="null", most=5))
    ],
    "_launch": [
        *[(spot(TimeoutDurationMinutes=minutes), SPOT_TIMEOUT) for minutes in (0, 4, 1441)],
        (spot(BlockDurationMinutes=60), guesses.BLOCK_DURATION),
    ],
    "_resize_timeouts": [
        (fleet(**resize(market, TimeoutDurationMinutes=minutes)), guesses.RESIZE_TIMEOUT.format(name="null"))
        for market in ("Spot", "OnDemand")
        for minutes in (0, 4, 10_081)
    ],
    "_strategies": [
        (spot(AllocationStrategy=PRIORITIZED), NO_PRIORITY.format(name="null", strategy=PRIORITIZED)),
        (
            fleet(LaunchSpecifications={"OnDemandSpecification": {"AllocationStrategy": "prioritized"}}),
            NO_PRIORITY.format(name="null", strategy="prioritized"),
        ),
        (
            fleet(**resize("OnDemand", AllocationStrategy="prioritized")),
            NO_PRIORITY.format(name="null", strategy="prioritized"),
        ),
        (reserved("prioritized"), guesses.RESERVATION_STRATEGY.format(name="null")),
    ],
    "_volumes": [(volume("gp9"), guesses.VOLUME_TYPE.format(type="gp9"))],
}
ROWS = [(rule, given, text) for rule, rows in BAD.items() for given, text in rows]
RULES = {rule.__name__: rule for rule in fleets._RULES}


@pytest.mark.parametrize("given", GOOD)
def test_a_good_fleet_passes_at_launch_when_added_and_as_a_change(given: Given) -> None:
    assert refusal(fleets.check_fleets, [fleet("MASTER"), given], KNOWN) is None
    assert refusal(fleets.check_added_fleet, {**given, "InstanceFleetType": "TASK"}, KNOWN, []) is None
    assert refusal(fleets.check_modification, {**given, **both(0, 0)}, KNOWN) is None


@pytest.mark.parametrize(("rule", "given", "text"), ROWS)
def test_a_wrong_fleet_is_refused_by_its_rule_and_by_no_other(
    rule: str, given: Given, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: tuple[Any, ...]
    at_launch, added = ([fleet("MASTER"), given], KNOWN), ({**given, "InstanceFleetType": "TASK"}, KNOWN, [])
    assert refusal(fleets.check_fleets, *at_launch) == f"ValidationException: {text}"
    assert refusal(fleets.check_added_fleet, *added) == f"InvalidRequestException: {text}"
    monkeypatch.setattr(fleets, "_RULES", tuple(each for each in fleets._RULES if each is not RULES[rule]))
    assert refusal(fleets.check_fleets, *at_launch) is None
    assert refusal(fleets.check_added_fleet, *added) is None


def test_each_rule_has_a_fleet_that_it_refuses() -> None:
    assert BAD.keys() == RULES.keys()


@pytest.mark.parametrize(
    ("rule", "given", "text"), [row for row in ROWS if row[0] not in {"_capacity", "_launch"}]
)
def test_a_change_keeps_the_rules_of_types_and_resizes(
    rule: str, given: Given, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {name: given.get(name) for name in ("InstanceTypeConfigs", "ResizeSpecifications")}
    if given.get("LaunchSpecifications"):
        changed["ResizeSpecifications"] = {
            name.replace("Specification", "ResizeSpecification"): spec
            for name, spec in given["LaunchSpecifications"].items()
        }
    if rule == "_number_of_types":
        changed["InstanceTypeConfigs"], text = kinds(31), guesses.FLEET_TYPES.format(name="null", most=30)
    assert refusal(fleets.check_modification, changed, KNOWN) == f"InvalidRequestException: {text}"
    kept = tuple(each for each in fleets._RULES_OF_CHANGES if each is not RULES[rule])
    monkeypatch.setattr(fleets, "_RULES_OF_CHANGES", kept)
    assert refusal(fleets.check_modification, changed, KNOWN) is None


def both(on_demand: int | None, spot: int | None) -> Given:
    return {"InstanceFleetId": "if-1", "TargetOnDemandCapacity": on_demand, "TargetSpotCapacity": spot}


def test_a_change_has_both_targets_or_none() -> None:
    text = "The instance fleet should have both targetOnDemandCapacity and targetSpotCapacity specified."
    for one in (both(0, None), both(None, 3)):
        assert refusal(fleets.check_modification, one) == f"InvalidRequestException: {text}"
    for good in (both(0, 0), both(2, 3), both(None, None), {"InstanceFleetId": "if-1"}):
        assert refusal(fleets.check_modification, good) is None


def test_a_change_without_types_keeps_those_that_the_fleet_has() -> None:
    assert refusal(fleets.check_modification, resize("OnDemand", AllocationStrategy="prioritized")) is None
    assert refusal(fleets.check_modification, {"InstanceTypeConfigs": []}) is None
    assert refusal(fleets.check_modification, {"InstanceTypeConfigs": [{"InstanceType": "x9.large"}]}) is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([fleet("MASTER"), fleet("CORE"), fleet("CORE")], MULTIPLE.format("core")),
        ([fleet("MASTER"), fleet("MASTER")], MULTIPLE.format("master")),
        ([fleet("CORE")], NO_MASTER + RESUBMIT),
        ([], NO_MASTER + RESUBMIT),
        ([fleet("MASTER"), fleet("TASK")], TASK_WITHOUT_CORE),
        *[
            (
                [fleet("MASTER", TargetOnDemandCapacity=one, TargetSpotCapacity=other)],
                "A master instance fleet can only have a target capacity of 1." + RESUBMIT,
            )
            for one, other in [(1, 1), (2, 0), (0, None)]
        ],
        *[
            ([{**kind(WeightedCapacity=weight), "InstanceFleetType": "MASTER"}], MASTER_WEIGHT + RESUBMIT)
            for weight in (0, 2)
        ],
        (
            [fleet("MASTER"), {**kind(BidPrice="1", BidPriceAsPercentageOfOnDemandPrice=1.0), "Name": ""}],
            TWO_BIDS.format(""),
        ),
    ],
)
def test_the_fleets_of_a_cluster_fit_together(given: list[Given], text: str) -> None:
    assert refusal(fleets.check_fleets, given, KNOWN) == f"ValidationException: {text}"


def test_good_fleets_of_a_cluster_pass() -> None:
    by_spot = fleet("MASTER", TargetOnDemandCapacity=0, TargetSpotCapacity=1)
    weighted = {**kind(WeightedCapacity=1), "InstanceFleetType": "MASTER"}
    for given in ([fleet("MASTER")], [by_spot], [fleet("TASK"), fleet("CORE"), weighted]):
        assert refusal(fleets.check_fleets, given, KNOWN) is None


def test_30_types_need_a_strategy_in_every_fleet_of_the_request() -> None:
    master = fleet("MASTER", LaunchSpecifications=ON_DEMAND)
    core = fleet("CORE", LaunchSpecifications=ON_DEMAND, InstanceTypeConfigs=kinds(30))
    assert refusal(fleets.check_fleets, [master, core], KNOWN) is None
    five, thirty = (guesses.FLEET_TYPES.format(name="null", most=most) for most in (5, 30))
    assert refusal(fleets.check_fleets, [fleet("MASTER"), core], KNOWN) == f"ValidationException: {five}"
    core["InstanceTypeConfigs"] = kinds(31)
    assert refusal(fleets.check_fleets, [master, core], KNOWN) == f"ValidationException: {thirty}"
    core["InstanceTypeConfigs"] = kinds(30)
    assert refusal(fleets.check_added_fleet, core, KNOWN, []) is None
    core["InstanceTypeConfigs"] = kinds(31)
    assert refusal(fleets.check_added_fleet, core, KNOWN, []) == f"InvalidRequestException: {thirty}"


@pytest.mark.parametrize("role", ["MASTER", "CORE", "TASK"])
def test_no_second_fleet_of_a_role_is_added(role: str) -> None:
    text = f"InvalidRequestException: {MULTIPLE.format(role.lower())}"
    assert refusal(fleets.check_added_fleet, fleet(role), KNOWN, ["MASTER", role]) == text


def test_fleets_and_their_strategies_need_a_release() -> None:
    plain, with_strategy = [fleet("MASTER")], [fleet("MASTER", LaunchSpecifications=ON_DEMAND)]
    none = "ValidationException: Instance fleets are not available for the release."
    assert refusal(fleets.check_availability, plain, Release(5, 0, 3)) == none
    assert refusal(fleets.check_availability, plain, Release(5, 12, 0)) is None
    no_strategy = f"ValidationException: {guesses.STRATEGY_RELEASE}"
    assert refusal(fleets.check_availability, with_strategy, Release(5, 12, 0)) == no_strategy
    assert refusal(fleets.check_availability, with_strategy, Release(5, 12, 1)) is None
    added = f"InvalidRequestException: {guesses.STRATEGY_RELEASE}"
    assert refusal(fleets.check_availability, with_strategy, Release(5, 12, 0), invalid_request) == added
