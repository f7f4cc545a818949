"""What Hadoop's daemons and clients are told: core-site, hdfs-site, yarn-site, capacity-scheduler, spark-defaults.

As EMR sets it where that matters to a job (https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-config.html),
and what one machine needs: every daemon listens on loopback only, every node has a loopback address of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_aws.emr.entities import CORE, MASTER, ON_DEMAND, SPOT, TASK, Instance

Site = dict[str, str]

PRIMARY: Final = "127.0.0.1"
# The user that steps run as on EMR.
USER: Final = "hadoop"
# Files of hosts that leave, beside the primary's settings.
YARN_EXCLUDED: Final = "yarn.exclude.xml"
HDFS_EXCLUDED: Final = "dfs.exclude"
EVENT_LOG: Final = "/var/log/spark/apps"
WAREHOUSE: Final = "/user/spark/warehouse"
_NODES_IN_A_NET: Final = 250
_FEW, _SOME = 4, 10
# More than anybody asks for; Hadoop's own limit of a container is 4.
_VCORES: Final = "128"
_LABELS_ENABLED: Final = "yarn.node-labels.enabled"
_AM_LABEL: Final = "yarn.node-labels.am.default-node-label-expression"
# What a container finds of its node's variables: who started it, its node's address, the embedded AWS.
INHERITED: Final = (
    *("EMR_JOB_SUITE_WORK", "SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME", "HADOOP_USER_NAME"),
    *("JAVA_HOME", "PATH", "LANG", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_EC2_METADATA_DISABLED"),
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
)
# https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html, "Configuring node decommissioning
# behavior", and what EMR has by default. The names with `blacklist`, `decommissioning`, `resourceManager` and
# `stage.attempt` are of EMR's own Spark: that of Apache takes them without a word.
_EMRS_SPARK: Final = {
    "spark.blacklist.decommissioning.enabled": "true",
    "spark.blacklist.decommissioning.timeout": "1h",
    "spark.decommissioning.timeout.threshold": "20",
    "spark.resourceManager.cleanupExpiredHost": "true",
    "spark.stage.attempt.ignoreOnDecommissionFetchFailure": "true",
    "spark.dynamicAllocation.enabled": "true",
    # In the place of EMR's shuffle service, which would listen on every address of the machine.
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.eventLog.enabled": "true",
}


@dataclass(frozen=True)
class Ports:
    """Ports of the primary's daemons."""

    name_node: int
    name_node_http: int
    resource_manager: int
    scheduler: int
    tracker: int
    admin: int
    web: int

    @property
    def hdfs(self) -> str:
        """The cluster's default file system."""
        return f"hdfs://{PRIMARY}:{self.name_node}"


def node_address(number: int) -> str:
    """Return the loopback address of the n-th node, counted from 0: YARN tells nodes apart by their hosts."""
    return f"127.0.{number // _NODES_IN_A_NET}.{number % _NODES_IN_A_NET + 2}"


def core_site(ports: Ports, folder: Path) -> Site:
    """Return what daemons and clients know of the file systems."""
    return {
        "fs.defaultFS": ports.hdfs,
        "hadoop.tmp.dir": str(folder / "tmp"),
        "hadoop.http.staticuser.user": USER,
    }


def hdfs_site(ports: Ports, folder: Path, core_nodes: int, given: Mapping[str, str]) -> Site:
    """Return HDFS's settings: EMR's, what the cluster asks for, and what here can be no other way.

    Copies of a block are as EMR counts them, by the number of core nodes at launch.
    """
    asked = {
        "dfs.replication": "1" if core_nodes < _FEW else "2" if core_nodes < _SOME else "3",
        # A small HDFS is looked through at once.
        "dfs.namenode.decommission.interval": "2",
        **given,
    }
    return {
        **asked,
        "dfs.namenode.http-address": f"{PRIMARY}:{ports.name_node_http}",
        "dfs.namenode.rpc-bind-host": PRIMARY,
        "dfs.namenode.name.dir": (folder / "name").as_uri(),
        "dfs.namenode.datanode.registration.ip-hostname-check": "false",
        # The NameNode sees every DataNode come from 127.0.0.1; what it calls itself is where it is.
        "dfs.client.use.datanode.hostname": "true",
        "dfs.datanode.use.datanode.hostname": "true",
        "dfs.hosts.exclude": str(folder / "conf" / HDFS_EXCLUDED),
        "dfs.permissions.enabled": "false",
        # Room for others on the disk is the machine's affair.
        "dfs.datanode.du.reserved": "0",
    }


def data_node_site(address: str, folder: Path) -> Site:
    """Return what one DataNode adds."""
    return {
        "dfs.datanode.data.dir": (folder / "data").as_uri(),
        "dfs.datanode.address": f"{address}:0",
        "dfs.datanode.http.address": f"{address}:0",
        "dfs.datanode.ipc.address": f"{address}:0",
        "dfs.datanode.hostname": address,
    }


def yarn_site(ports: Ports, folder: Path, given: Mapping[str, str]) -> Site:
    """Return YARN's settings: EMR's, what the cluster asks for, and what here can be no other way."""
    asked = {
        "yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs": "3600",
        "yarn.nm.liveness-monitor.expiry-interval-ms": "10000",
        "yarn.scheduler.minimum-allocation-mb": "32",
        "yarn.scheduler.maximum-allocation-vcores": _VCORES,
        **given,
    }
    return {
        **asked,
        "yarn.resourcemanager.hostname": PRIMARY,
        "yarn.resourcemanager.address": f"{PRIMARY}:{ports.resource_manager}",
        "yarn.resourcemanager.scheduler.address": f"{PRIMARY}:{ports.scheduler}",
        "yarn.resourcemanager.resource-tracker.address": f"{PRIMARY}:{ports.tracker}",
        "yarn.resourcemanager.admin.address": f"{PRIMARY}:{ports.admin}",
        "yarn.resourcemanager.webapp.address": f"{PRIMARY}:{ports.web}",
        "yarn.resourcemanager.nodes.exclude-path": str(folder / "conf" / YARN_EXCLUDED),
        "yarn.resourcemanager.bind-host": PRIMARY,
        "yarn.node-labels.fs-store.root-dir": (folder / "node-labels").as_uri(),
        "yarn.node-labels.configuration-type": "distributed",
        "yarn.log-aggregation-enable": "false",
    }


def node_site(address: str, folder: Path, memory_mib: int, label: str | None) -> Site:
    """Return what one NodeManager adds."""
    labelled = {
        "yarn.nodemanager.node-labels.provider": "config",
        "yarn.nodemanager.node-labels.provider.configured-node-partition": label or "",
    }
    return {
        "yarn.nodemanager.hostname": address,
        "yarn.nodemanager.bind-host": address,
        "yarn.nodemanager.address": f"{address}:0",
        "yarn.nodemanager.localizer.address": f"{address}:0",
        "yarn.nodemanager.webapp.address": f"{address}:0",
        "yarn.nodemanager.collector-service.address": f"{address}:0",
        "yarn.nodemanager.local-dirs": str(folder / "local"),
        "yarn.nodemanager.log-dirs": str(folder / "containers"),
        "yarn.nodemanager.resource.memory-mb": str(memory_mib),
        # As on EMR, the scheduler shares out memory alone.
        "yarn.nodemanager.resource.cpu-vcores": _VCORES,
        "yarn.nodemanager.pmem-check-enabled": "false",
        "yarn.nodemanager.vmem-check-enabled": "false",
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "99",
        "yarn.nodemanager.env-whitelist": ",".join(INHERITED),
        **(labelled if label else {}),
    }


def scheduler_site(labels: tuple[str, ...]) -> Site:
    """Return the capacity scheduler's settings: one queue, which has all of every label."""
    root = "yarn.scheduler.capacity.root"
    site = {
        f"{root}.queues": "default",
        f"{root}.capacity": "100",
        f"{root}.default.capacity": "100",
        "yarn.scheduler.capacity.maximum-am-resource-percent": "1.0",
    }
    for queue in (root, f"{root}.default") if labels else ():
        site[f"{queue}.accessible-node-labels"] = "*"
        for label in labels:
            site[f"{queue}.accessible-node-labels.{label}.capacity"] = "100"
    return site


def labels(yarn: Mapping[str, str]) -> tuple[str, ...]:
    """Return the node labels of a cluster whose yarn-site turns them on: by role or by purchasing option, as EMR does.

    https://docs.aws.amazon.com/emr/latest/ManagementGuide/managed-scaling-allocation-strategy.html
    """
    if yarn.get(_LABELS_ENABLED) != "true":
        return ()
    by_role = am_label(yarn) in (CORE, TASK)
    return (CORE, TASK) if by_role else (ON_DEMAND, SPOT)


def label_of(instance: Instance, yarn: Mapping[str, str]) -> str | None:
    """Return the label of a node, where there are labels."""
    found = labels(yarn)
    if not found:
        return None
    if ON_DEMAND in found:
        return instance.market
    return CORE if instance.role == MASTER else instance.role  # a primary alone is its own core node


def am_label(yarn: Mapping[str, str]) -> str | None:
    """Return the label that application masters are put on where they do not say."""
    return yarn.get(_AM_LABEL) or None if yarn.get(_LABELS_ENABLED) == "true" else None


def spark_site(ports: Ports, yarn: Mapping[str, str]) -> Site:
    """Return Spark's defaults on such a cluster, before those that its configurations set."""
    label = am_label(yarn)
    # EMR's ResourceManager has a default for the label; Apache's has not.
    labelled = {"spark.yarn.am.nodeLabelExpression": label} if label else {}
    places = {
        "spark.eventLog.dir": f"{ports.hdfs}{EVENT_LOG}",
        "spark.sql.warehouse.dir": f"{ports.hdfs}{WAREHOUSE}",
    }
    return {**_EMRS_SPARK, **places, **labelled}
