"""HDFS and YARN follow the instances of a cluster."""

from pathlib import Path
from unittest.mock import sentinel

import pytest

from local_aws.emr.entities import Cluster, Collection, Instance, Status
from local_aws.emr.world import GONE, LEAVING, NOTICED, RUNNING, STAYING
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.engine import Hadoop
from local_aws.running.memory import Memory
from local_aws.running.spark_command import CannotRunError
from local_aws.running.workshop import Workshop
from tests.local_aws.hadoop.planning import instance


def engine(root: Path) -> Hadoop:
    # A machine without memory for it: no daemon is started.
    return Hadoop(Workshop(root, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(1)))


def cluster(*instances: Instance) -> Cluster:
    roles = dict.fromkeys(one.role for one in instances)
    status = Status("RUNNING", 0)
    made = Cluster(
        "j-1",
        {"ReleaseLabel": "emr-7.14.0"},
        status,
        keeps_alive=True,
        is_protected=False,
        concurrency=1,
        tags={},
    )
    made.collections = [
        Collection(role, role, {}, False, status, instances=[one for one in instances if one.role == role])
        for role in roles
    ]
    return made


def test_a_cluster_has_hdfs_from_its_first_core_node_to_its_end(tmp_path: Path) -> None:
    hadoop, primary, core = engine(tmp_path), instance("1", "MASTER"), instance("2")
    found = cluster(primary, core)
    hadoop.changed(found, primary, RUNNING)
    with pytest.raises(CannotRunError, match="none yet"):
        hadoop.of(found)
    hadoop.changed(found, core, RUNNING)
    assert hadoop.of(found).plan.core_nodes == 1
    for change in (NOTICED, LEAVING, STAYING, GONE):
        hadoop.changed(found, core, change)
    assert hadoop.may_let_go(found, core)
    hadoop.end(found)
    hadoop.close()


def test_a_primary_alone_has_all_of_it(tmp_path: Path) -> None:
    hadoop, primary = engine(tmp_path), instance("1", "MASTER")
    found = cluster(primary)
    hadoop.changed(found, primary, RUNNING)
    assert hadoop.of(found).plan.core_nodes == 0
    hadoop.close()


def test_what_a_cluster_hears_of_its_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hadoop, primary, core = engine(tmp_path), instance("1", "MASTER"), instance("2")
    found, heard = cluster(primary, core), list[tuple[object, ...]]()
    hadoop.changed(found, core, RUNNING)
    for name in ("drain", "keep", "kill"):
        monkeypatch.setattr(
            HadoopCluster, name, lambda _, *told, _name=name, **how: heard.append((_name, *told[1:], how))
        )
    for change in (NOTICED, LEAVING, STAYING, GONE):
        hadoop.changed(found, core, change)
    assert heard == [
        ("drain", 120, {"is_final": True}),
        ("drain", 3600, {"is_final": False}),
        ("keep", {}),
        ("kill", {}),
    ]
    hadoop.close()


def test_a_clusters_sites_come_without_what_is_amazons_own(tmp_path: Path) -> None:
    hadoop, core = engine(tmp_path), instance("2")
    found = cluster(instance("1", "MASTER"), core)
    sites = {
        "core-site": {"fs.s3.impl": "com.amazon.ws.emr.hadoop.fs.EmrFileSystem", "fs.x": "1"},
        "hdfs-site": {"dfs.replication": "2"},
        "yarn-site": {"yarn.x": "3"},
    }
    configurations = [{"Classification": name, "Properties": site} for name, site in sites.items()]
    found.request = {**found.request, "Configurations": configurations}
    hadoop.changed(found, core, RUNNING)
    told = hadoop.of(found).client_sites()
    assert told["core_site"]["fs.x"] == "1"
    assert "fs.s3.impl" not in told["core_site"]
    assert told["hdfs_site"]["dfs.replication"] == "2"
    assert told["yarn_site"]["yarn.x"] == "3"
    hadoop.close()
