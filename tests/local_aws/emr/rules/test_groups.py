"""Rules of instance groups; more of them are held in test_clusters.py, as parts of whole requests."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr import guesses
from local_aws.emr.rules.groups import check_groups
from local_aws.emr.rules.releases import Release

RELEASE = Release(7, 14, 0)


def group(role: str, count: int = 1, **further: Any) -> dict[str, Any]:
    return {"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count, **further}


def test_a_group_has_2000_instances_and_no_more() -> None:
    check_groups([group("MASTER"), group("CORE", 2000)], RELEASE)
    with pytest.raises(AwsError) as raised:
        check_groups([group("MASTER"), group("CORE", 2001)], RELEASE)
    assert (raised.value.code, raised.value.message) == ("ValidationException", guesses.GROUP_SIZE)


def test_three_masters_need_a_release() -> None:
    check_groups([group("MASTER", 3)], RELEASE)
    with pytest.raises(AwsError, match="must specify a single instance"):
        check_groups([group("MASTER", 3)], Release(5, 22, 0))
    with pytest.raises(AwsError, match="exactly 3 instances"):
        check_groups([group("MASTER", 2)], RELEASE)


def test_volumes_of_groups_keep_their_rules() -> None:
    device = {"VolumeSpecification": {"VolumeType": "gp9", "SizeInGB": 10}}
    with pytest.raises(AwsError, match="gp9"):
        check_groups([group("MASTER", EbsConfiguration={"EbsBlockDeviceConfigs": [device]})], RELEASE)
