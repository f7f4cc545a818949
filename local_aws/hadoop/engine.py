"""HDFS and YARN for every cluster of the embedded EMR: they follow its instances."""

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from local_aws.emr.entities import CORE, MASTER, Cluster, Instance
from local_aws.emr.world import GONE, LEAVING, NOTICED, RUNNING, STAYING
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.daemons import Java
from local_aws.hadoop.launcher import Plan
from local_aws.running import environments
from local_aws.running.configurations import properties
from local_aws.running.spark_command import CannotRunError
from local_aws.running.spark_step import without_amazons
from local_aws.running.workshop import Workshop

# How long what runs on a node that is to go may take, as EMR's YARN has it, and after a Spot notice.
_GRACE_S: Final = 3600
_NOTICE_S: Final = 120
_SITES: Final = ("core-site", "hdfs-site", "yarn-site")


@dataclass
class Hadoop:
    """The clusters with daemons; all but `close` is called within the workshop's `perform`."""

    shop: Workshop
    _clusters: dict[str, HadoopCluster] = field(default_factory=dict)

    def of(self, cluster: Cluster) -> HadoopCluster:
        """Return the HDFS and YARN of a cluster that has come so far.

        Raises:
            CannotRunError: Where it has none.
        """
        if cluster.id not in self._clusters:
            raise CannotRunError("HDFS and YARN: the cluster has none yet, or none any more")
        return self._clusters[cluster.id]

    def changed(self, cluster: Cluster, instance: Instance, change: str) -> None:
        """Hear what becomes of an instance."""
        if instance.role == MASTER and len(cluster.collections) > 1:
            return  # a cluster of a primary alone has its HDFS and YARN there
        if change == RUNNING:
            self._begun(cluster).add(instance)
        elif cluster.id in self._clusters:
            found = self._clusters[cluster.id]
            if change == NOTICED:
                found.drain(instance, _NOTICE_S, is_final=True)
            elif change == LEAVING:
                found.drain(instance, _GRACE_S, is_final=False)
            elif change == STAYING:
                found.keep(instance)
            elif change == GONE:
                found.kill(instance)

    def may_let_go(self, cluster: Cluster, instance: Instance) -> bool:
        """Tell whether nothing runs on an instance."""
        return cluster.id not in self._clusters or self._clusters[cluster.id].is_drained(instance)

    def end(self, cluster: Cluster) -> None:
        """End a cluster's daemons, with all that runs on its nodes."""
        if cluster.id in self._clusters:
            self._clusters[cluster.id].stop()

    def close(self) -> None:
        """End all of it and wait for that."""
        clusters = list(self._clusters.values())
        for found in clusters:
            found.stop()
        for found in clusters:
            found.join()

    def _begun(self, cluster: Cluster) -> HadoopCluster:
        if cluster.id not in self._clusters:
            cores = [found for found in cluster.collections if found.role == CORE]
            configurations = cluster.request.get("Configurations", [])
            core, hdfs, yarn = (without_amazons(properties(configurations, site), []) for site in _SITES)
            plan = Plan(
                self.shop.folder / cluster.id / "hadoop",
                core,
                hdfs,
                yarn,
                sum(len(found.live) for found in cores),
                partial(self._java, cluster),
                self.shop.memory,
            )
            self._clusters[cluster.id] = HadoopCluster(plan)
            self._clusters[cluster.id].start()
        return self._clusters[cluster.id]

    def _java(self, cluster: Cluster, ended: threading.Event) -> Java:
        """Find the Java and the classes of a cluster's release, fetching what is not there."""
        shop = self.shop
        environment = environments.find(str(cluster.request["ReleaseLabel"]), shop.checkout)
        found = environments.jars(
            environment,
            with_delta=False,
            variables=shop.own_variables,
            root=shop.checkout,
            is_stopped=ended,
            further=("hadoop",),
        )
        folder = self.shop.folder / cluster.id / "hadoop"
        # PySpark has a part of YARN's pages for another servlet library: what fits comes first.
        class_path = f"{found.class_path}:{environment.variables['SPARK_HOME']}/jars/*"
        variables = shop.variables(folder)
        return Java(environment.variables["JAVA_HOME"], class_path, variables)
