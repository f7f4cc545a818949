"""Security configurations and release labels."""

import pytest

from local_aws.emr.errors import AwsError
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


def test_releases_are_those_of_the_table(laptop: Laptop) -> None:
    assert laptop.call("ListReleaseLabels")["ReleaseLabels"] == ["emr-7.14.0", "emr-spark-8.0.0"]
    spark = laptop.call("ListReleaseLabels", Filters={"Prefix": "emr-spark"})
    assert spark["ReleaseLabels"] == ["emr-spark-8.0.0"]
    told = laptop.call("DescribeReleaseLabel", ReleaseLabel="emr-7.14.0")
    assert {"Name": "Spark", "Version": "3.5.8"} in told["Applications"]
    with pytest.raises(AwsError):
        laptop.call("DescribeReleaseLabel", ReleaseLabel="emr-1.0.0")
