"""Fleets and groups that have no instances yet."""

from local_aws.emr.founding import new_fleet, new_group
from tests.local_aws.emr.launching import Laptop, fleet


def test_a_fleet_has_targets_of_both_purchasing_options_and_a_group_of_one() -> None:
    world = Laptop().emr.world
    made = new_fleet(world, fleet("TASK", 2, 3))
    assert (made.role, made.is_group, made.on_demand_target, made.spot_target) == ("TASK", False, 2, 3)
    config = {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 4}
    for given, expected in ((config, (4, 0)), ({**config, "Market": "SPOT"}, (0, 4))):
        group = new_group(world, given)
        assert group.is_group
        assert (group.on_demand_target, group.spot_target) == expected
        assert (group.id[:3], group.status.state) == ("ig-", "PROVISIONING")
