"""What Hadoop's daemons and clients are told."""

from pathlib import Path

import pytest

from local_aws.emr.entities import Instance, Status
from local_aws.hadoop import sites
from local_aws.hadoop.sites import Ports

PORTS = Ports(1, 2, 3, 4, 5, 6, 7)
ON = {"yarn.node-labels.enabled": "true"}


def instance(role: str, market: str) -> Instance:
    return Instance("ci-1", "if-1", role, "m5.xlarge", market, 1, "us-east-1a", Status("RUNNING", 0))


def test_every_node_has_a_loopback_address_of_its_own() -> None:
    assert [sites.node_address(number) for number in (0, 1, 249, 250)] == [
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.251",
        "127.0.1.2",
    ]


@pytest.mark.parametrize(("nodes", "copies"), [(1, "1"), (3, "1"), (4, "2"), (9, "2"), (10, "3")])
def test_blocks_have_as_many_copies_as_emr_gives_them(nodes: int, copies: str) -> None:
    assert sites.hdfs_site(PORTS, Path("/h"), nodes, {})["dfs.replication"] == copies


def test_daemons_listen_on_loopback_only() -> None:
    told = {
        **sites.hdfs_site(PORTS, Path("/h"), 1, {}),
        **sites.data_node_site("127.0.0.2", Path("/h")),
        **sites.yarn_site(PORTS, Path("/h"), {}),
        **sites.node_site("127.0.0.2", Path("/h"), 1024, None),
    }
    addresses = {name: value for name, value in told.items() if name.endswith(("address", "-host"))}
    assert len(addresses) == 16
    assert all(value.startswith("127.0.0.") for value in addresses.values())


def test_a_clusters_hdfs_site_counts_but_for_where_daemons_are() -> None:
    given = {"dfs.replication": "2", "dfs.namenode.http-address": "elsewhere:1"}
    told = sites.hdfs_site(PORTS, Path("/h"), 1, given)
    assert told["dfs.replication"] == "2"
    assert told["dfs.namenode.http-address"] == "127.0.0.1:2"


def test_a_container_may_have_more_than_four_cores() -> None:
    # https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-common/yarn-default.xml
    most = sites.yarn_site(PORTS, Path("/h"), {})["yarn.scheduler.maximum-allocation-vcores"]
    assert (
        most == sites.node_site("127.0.0.2", Path("/h"), 1024, None)["yarn.nodemanager.resource.cpu-vcores"]
    )
    assert most == "128"


def test_a_primary_alone_is_its_own_core_node() -> None:
    by_role = {**ON, "yarn.node-labels.am.default-node-label-expression": "CORE"}
    assert sites.label_of(instance("MASTER", "ON_DEMAND"), by_role) == "CORE"
    assert sites.label_of(instance("MASTER", "ON_DEMAND"), ON) == "ON_DEMAND"


def test_a_clusters_yarn_site_counts_but_for_where_daemons_are() -> None:
    given = {
        "yarn.a": "1",
        "yarn.resourcemanager.address": "elsewhere:1",
        "yarn.scheduler.minimum-allocation-mb": "64",
    }
    told = sites.yarn_site(PORTS, Path("/h"), given)
    assert told["yarn.a"] == "1"
    assert told["yarn.scheduler.minimum-allocation-mb"] == "64"
    assert told["yarn.resourcemanager.address"] == "127.0.0.1:3"
    assert told["yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs"] == "3600"


@pytest.mark.parametrize(
    ("yarn", "labels", "label", "am"),
    [
        ({}, (), None, None),
        ({"yarn.node-labels.am.default-node-label-expression": "CORE"}, (), None, None),
        (ON, ("ON_DEMAND", "SPOT"), "SPOT", None),
        (
            {**ON, "yarn.node-labels.am.default-node-label-expression": "ON_DEMAND"},
            ("ON_DEMAND", "SPOT"),
            "SPOT",
            "ON_DEMAND",
        ),
        (
            {**ON, "yarn.node-labels.am.default-node-label-expression": "CORE"},
            ("CORE", "TASK"),
            "TASK",
            "CORE",
        ),
    ],
)
def test_nodes_are_labelled_as_the_cluster_asks(
    yarn: dict[str, str], labels: tuple[str, ...], label: str | None, am: str | None
) -> None:
    assert sites.labels(yarn) == labels
    assert sites.label_of(instance("TASK", "SPOT"), yarn) == label
    assert sites.spark_site(PORTS, yarn).get("spark.yarn.am.nodeLabelExpression") == am


def test_the_one_queue_has_all_of_every_label() -> None:
    told = sites.scheduler_site(("SPOT",))
    queue = "yarn.scheduler.capacity.root.default.accessible-node-labels"
    assert (told[queue], told[f"{queue}.SPOT.capacity"]) == ("*", "100")
    assert not [name for name in sites.scheduler_site(()) if "labels" in name]


def test_spark_has_what_emr_sets_for_decommissioning() -> None:
    told = sites.spark_site(PORTS, {})
    assert told["spark.decommissioning.timeout.threshold"] == "20"
    assert told["spark.blacklist.decommissioning.timeout"] == "1h"
    assert told["spark.eventLog.dir"] == "hdfs://127.0.0.1:1/var/log/spark/apps"
