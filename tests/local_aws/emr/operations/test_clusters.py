"""Operations on whole clusters."""

from typing import Any

import pytest

from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, launch_request, step

SHUTTING_DOWN = "A job flow that is shutting down, terminated, or finished may not be modified."


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def test_a_cluster_is_described_as_it_was_asked_for(laptop: Laptop) -> None:
    request = launch_request(
        "nightly",
        [*FLEETS, fleet("TASK", spot=2)],
        instances={"Ec2SubnetIds": ["subnet-1", "subnet-2"], "TerminationProtected": True},
        LogUri="s3://logs/emr",
        Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
        Applications=[{"Name": "Spark"}],
        Configurations=[{"Classification": "spark", "Properties": {"x": "y"}}],
        StepConcurrencyLevel=3,
    )
    made = laptop.call("RunJobFlow", **request)
    laptop.until_ready(made["JobFlowId"])
    told = laptop.call("DescribeCluster", ClusterId=made["JobFlowId"])["Cluster"]
    assert told["ClusterArn"] == made["ClusterArn"]
    assert made["ClusterArn"] == f"arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/{told['Id']}"
    assert told["MasterPublicDnsName"].startswith("ip-10-")
    assert told["Ec2InstanceAttributes"]["RequestedEc2SubnetIds"] == ["subnet-1", "subnet-2"]
    expected = {
        "Name": "nightly",
        "InstanceCollectionType": "INSTANCE_FLEET",
        "LogUri": "s3n://logs/emr/",
        "ReleaseLabel": "emr-7.14.0",
        "AutoTerminate": False,
        "TerminationProtected": True,
        "VisibleToAllUsers": True,
        "Applications": [{"Name": "Spark", "Version": "3.5.8"}],
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        "ServiceRole": "EMR_DefaultRole",
        "Configurations": [{"Classification": "spark", "Properties": {"x": "y"}}],
        "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
        "StepConcurrencyLevel": 3,
    }
    assert {name: told[name] for name in expected} == expected


def test_hours_are_counted_by_the_sizes_of_instances_and_begun_ones_whole(laptop: Laptop) -> None:
    cluster = laptop.launch()
    hours = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["NormalizedInstanceHours"]
    assert hours == 0
    laptop.until_ready(cluster)
    types = [one.instance_type for one in laptop.emr.cluster(cluster).instances]
    weight = sum({"m5.xlarge": 8, "r5.2xlarge": 16}[name] for name in types)
    assert laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["NormalizedInstanceHours"] == weight
    laptop.emr.advance(3600)
    assert (
        laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["NormalizedInstanceHours"] == 2 * weight
    )


def test_groups_and_counts_make_clusters_too(laptop: Laptop) -> None:
    groups = [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2, "Market": "SPOT"},
    ]
    counts = {"MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge", "InstanceCount": 3}
    for instances in ({"InstanceGroups": groups}, counts):
        request = launch_request()
        request["Instances"] = {"KeepJobFlowAliveWhenNoSteps": True, **instances}
        cluster = laptop.call("RunJobFlow", **request)["JobFlowId"]
        laptop.until_ready(cluster)
        told = laptop.call("ListInstanceGroups", ClusterId=cluster)["InstanceGroups"]
        found = [
            (one["InstanceGroupType"], one["RequestedInstanceCount"], one["RunningInstanceCount"])
            for one in told
        ]
        assert found == [("MASTER", 1, 1), ("CORE", 2, 2)]
        assert laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["InstanceCollectionType"] == (
            "INSTANCE_GROUP"
        )


def test_clusters_are_listed_by_state_and_time_in_pages_without_tags_and_unsorted(laptop: Laptop) -> None:
    ids = []
    for number in range(120):
        ids.append(laptop.launch(name=f"c{number}", Tags=[{"Key": "a", "Value": "1"}]))
        laptop.emr.advance(1)
    found: list[dict[str, Any]] = []
    marker: dict[str, str] = {}
    sizes = []
    while True:
        answer = laptop.call("ListClusters", **marker)
        found += answer["Clusters"]
        sizes.append(len(answer["Clusters"]))
        if "Marker" not in answer:
            break
        marker = {"Marker": answer["Marker"]}
    assert sizes == [50, 50, 20]
    listed = [one["Id"] for one in found]
    assert sorted(listed) == sorted(ids)
    assert listed not in (ids, ids[::-1])
    assert all(set(one) == {"Id", "Name", "Status", "NormalizedInstanceHours", "ClusterArn"} for one in found)
    begin = laptop.call("DescribeCluster", ClusterId=ids[0])["Cluster"]["Status"]["Timeline"][
        "CreationDateTime"
    ]
    few = laptop.call("ListClusters", CreatedAfter=begin + 10, CreatedBefore=begin + 12)["Clusters"]
    assert sorted(one["Name"] for one in few) == ["c10", "c11", "c12"]
    assert laptop.call("ListClusters", ClusterStates=["TERMINATED"])["Clusters"] == []


def test_a_marker_holds_for_its_filters_alone(laptop: Laptop) -> None:
    for _ in range(51):
        laptop.launch()
    marker = laptop.call("ListClusters")["Marker"]
    for request in ({"Marker": "?"}, {"Marker": marker, "ClusterStates": ["STARTING"]}):
        assert laptop.refused("ListClusters", **request)[0] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("name", "request_", "code", "message"),
    [
        (
            "DescribeCluster",
            {"ClusterId": "j-X"},
            "InvalidRequestException",
            "Cluster id 'j-X' is not valid.",
        ),
        ("ListSteps", {"ClusterId": "j-X"}, "InvalidRequestException", "Cluster id 'j-X' is not valid."),
        (
            "AddTags",
            {"ResourceId": "j-X", "Tags": []},
            "InvalidRequestException",
            "Cluster id 'j-X' is not valid.",
        ),
        (
            "TerminateJobFlows",
            {"JobFlowIds": ["j-X"]},
            "ValidationException",
            "Specified job flow ID not valid",
        ),
        (
            "TerminateJobFlows",
            {"JobFlowIds": []},
            "ValidationException",
            "The JobFlowId list cannot be empty",
        ),
        (
            "AddJobFlowSteps",
            {"JobFlowId": "j-X", "Steps": [step()]},
            "ValidationException",
            "Specified job flow ID not valid",
        ),
    ],
)
def test_a_cluster_that_is_not_there_is_told_in_the_words_of_the_operation(
    laptop: Laptop, name: str, request_: dict[str, Any], code: str, message: str
) -> None:
    assert laptop.refused(name, **request_) == (code, message)


def test_a_protected_cluster_lives_and_the_others_of_the_same_call_end(laptop: Laptop) -> None:
    protected, other = laptop.launch(instances={"TerminationProtected": True}), laptop.launch(hours=1)
    code, message = laptop.refused("TerminateJobFlows", JobFlowIds=[protected, other])
    assert code == "ValidationException"
    assert message == "Could not shut down one or more job flows since they are termination protected."
    assert laptop.status(protected)[0] == "WAITING"
    assert laptop.status(other)[0] == "TERMINATING"
    laptop.call("SetTerminationProtection", JobFlowIds=[protected], TerminationProtected=False)
    laptop.call("TerminateJobFlows", JobFlowIds=[protected, other])
    assert laptop.status(protected)[0] == "TERMINATING"


def test_at_most_ten_clusters_end_by_one_call(laptop: Laptop) -> None:
    ids = [laptop.launch() for _ in range(11)]
    assert laptop.refused("TerminateJobFlows", JobFlowIds=ids)[0] == "ValidationException"
    assert laptop.refused("TerminateJobFlows", JobFlowIds=[ids[0], ids[0]])[0] == "ValidationException"
    laptop.call("TerminateJobFlows", JobFlowIds=ids[:10])
    assert laptop.status(ids[10])[0] == "STARTING"


def test_a_cluster_that_ends_is_not_modified(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    job_flow = {"JobFlowIds": [cluster]}
    for name, request, code in (
        ("AddJobFlowSteps", {"JobFlowId": cluster, "Steps": [step()]}, "ValidationException"),
        ("SetTerminationProtection", {**job_flow, "TerminationProtected": True}, "ValidationException"),
        (
            "SetKeepJobFlowAliveWhenNoSteps",
            {**job_flow, "KeepJobFlowAliveWhenNoSteps": True},
            "ValidationException",
        ),
        ("ModifyCluster", {"ClusterId": cluster, "StepConcurrencyLevel": 2}, "InvalidRequestException"),
        ("GetManagedScalingPolicy", {"ClusterId": cluster}, "ValidationException"),
    ):
        assert laptop.refused(name, **request) == (code, SHUTTING_DOWN), name
    laptop.call("AddTags", ResourceId=cluster, Tags=[{"Key": "a", "Value": "b"}])
    laptop.emr.advance(3600)
    code, message = laptop.refused("AddTags", ResourceId=cluster, Tags=[{"Key": "a", "Value": "b"}])
    assert (code, message) == ("InvalidRequestException", "Tags cannot be modified on terminated clusters.")
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])


def test_tags_are_added_changed_and_removed(laptop: Laptop) -> None:
    cluster = laptop.launch(Tags=[{"Key": "a", "Value": "1"}])
    laptop.call("AddTags", ResourceId=cluster, Tags=[{"Key": "a", "Value": "2"}, {"Key": "c"}])
    laptop.call("RemoveTags", ResourceId=cluster, TagKeys=["c", "absent"])
    assert laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Tags"] == [
        {"Key": "a", "Value": "2"}
    ]


def test_a_release_without_concurrency_refuses_it(laptop: Laptop) -> None:
    cluster = laptop.launch(ReleaseLabel="emr-5.27.0")
    laptop.call("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=1)
    code, message = laptop.refused("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=2)
    assert code == "InvalidRequestException"
    assert "not available for the release" in message


@pytest.mark.parametrize("level", [0, 257])
def test_a_concurrency_beyond_the_limits_is_refused(laptop: Laptop, level: int) -> None:
    cluster = laptop.launch()
    message = laptop.refused("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=level)[1]
    assert message == "Invalid step concurrency level. Allowed level is from 1 to 256"
