"""Fleets and groups that have no instances yet."""

from local_aws.emr.entities import ON_DEMAND, SPOT, Collection, Json, Status
from local_aws.emr.world import World


def new_fleet(world: World, config: dict[str, Json]) -> Collection:
    """Make a fleet (`InstanceFleetConfig`)."""
    return Collection(
        id=world.ids.emr("if"),
        role=config["InstanceFleetType"],
        config=config,
        is_group=False,
        status=Status("PROVISIONING", world.now),
        on_demand_target=config.get("TargetOnDemandCapacity", 0),
        spot_target=config.get("TargetSpotCapacity", 0),
    )


def new_group(world: World, config: dict[str, Json]) -> Collection:
    """Make a group (`InstanceGroupConfig`)."""
    market, count = config.get("Market", ON_DEMAND), config["InstanceCount"]
    return Collection(
        id=world.ids.emr("ig"),
        role=config["InstanceRole"],
        config=config,
        is_group=True,
        status=Status("PROVISIONING", world.now),
        on_demand_target=count if market == ON_DEMAND else 0,
        spot_target=count if market == SPOT else 0,
    )
