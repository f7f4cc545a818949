"""Security configurations and release labels."""

import pytest

from local_aws.api.errors import AwsError
from tests.local_aws.emr.launching import Laptop

TEXT = '{"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": 2}}'


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def test_a_security_configuration_is_kept_listed_used_and_deleted(laptop: Laptop) -> None:
    made = laptop.call("CreateSecurityConfiguration", Name="strict", SecurityConfiguration=TEXT)
    assert made == {"Name": "strict", "CreationDateTime": laptop.emr.world.now / 1000}
    told = laptop.call("DescribeSecurityConfiguration", Name="strict")
    assert told == {**made, "SecurityConfiguration": TEXT}
    assert laptop.call("ListSecurityConfigurations") == {"SecurityConfigurations": [made]}
    cluster = laptop.launch(SecurityConfiguration="strict")
    laptop.call("DeleteSecurityConfiguration", Name="strict")
    assert laptop.call("ListSecurityConfigurations") == {"SecurityConfigurations": []}
    assert laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["SecurityConfiguration"] == "strict"
    with pytest.raises(AwsError):
        laptop.launch(SecurityConfiguration="strict")


def test_wrong_security_configurations_are_refused(laptop: Laptop) -> None:
    laptop.call("CreateSecurityConfiguration", Name="a", SecurityConfiguration="{}")
    for name, text, message in (("a", "{}", "already exists"), ("b", "{", "JSON")):
        with pytest.raises(AwsError, match=message):
            laptop.call("CreateSecurityConfiguration", Name=name, SecurityConfiguration=text)
    for name in ("DescribeSecurityConfiguration", "DeleteSecurityConfiguration"):
        with pytest.raises(AwsError, match="Security configuration with name 'b' does not exist"):
            laptop.call(name, Name="b")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["emr-spark-8.0.0", "emr-7.14.0"]),
        ({"Prefix": "emr-spark"}, ["emr-spark-8.0.0"]),
        ({"Prefix": "emr-5"}, []),
        ({"Application": "spark"}, ["emr-spark-8.0.0", "emr-7.14.0"]),
        ({"Application": "Spark@3.5.8"}, ["emr-7.14.0"]),
        ({"Application": "spark@3.5"}, []),
        ({"Application": "hive", "Prefix": "emr-7"}, ["emr-7.14.0"]),
        ({"Application": "hive", "Prefix": "emr-spark"}, []),
    ],
)
def test_releases_are_listed_by_label_and_application(
    laptop: Laptop, filters: dict[str, str], expected: list[str]
) -> None:
    assert laptop.call("ListReleaseLabels", Filters=filters) == {"ReleaseLabels": expected}


def test_releases_are_listed_in_pages_whose_token_holds_for_its_filters(laptop: Laptop) -> None:
    first = laptop.call("ListReleaseLabels", MaxResults=1)
    assert first["ReleaseLabels"] == ["emr-spark-8.0.0"]
    token = first["NextToken"]
    assert laptop.call("ListReleaseLabels", NextToken=token) == {"ReleaseLabels": ["emr-7.14.0"]}
    for request in ({"NextToken": "?"}, {"NextToken": token, "Filters": {"Prefix": "emr-7"}}):
        assert laptop.refused("ListReleaseLabels", **request)[0] == "InvalidRequestException"
    assert laptop.refused("ListReleaseLabels", MaxResults=101)[0] == "ValidationException"


def test_a_release_is_told_with_its_applications(laptop: Laptop) -> None:
    told = laptop.call("DescribeReleaseLabel", ReleaseLabel="emr-7.14.0")
    assert {"Name": "Spark", "Version": "3.5.8"} in told["Applications"]
    assert {"Name": "Hue"} in told["Applications"]
    with pytest.raises(AwsError):
        laptop.call("DescribeReleaseLabel", ReleaseLabel="emr-1.0.0")
