"""How the daemons of a cluster are started: the primary's, one after the other, and those of each node."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

from local_aws.emr.entities import TASK, Instance
from local_aws.hadoop import sites
from local_aws.hadoop.daemons import (
    DATA_NODE,
    NAME_NODE,
    NODE_MANAGER,
    RESOURCE_MANAGER,
    Java,
    free_ports,
    tail,
    write_conf,
)
from local_aws.hadoop.rest import NotThereError, Rest
from local_aws.hadoop.rmadmin import add_labels
from local_aws.hadoop.sizes import Sizes
from local_aws.running.memory import Memory
from local_aws.running.processes import ProcessTree

_PATIENCE_S: Final = 180.0
_LOOK_AGAIN_S: Final = 0.2
_FOLDERS: Final = ("/tmp", f"/user/{sites.USER}", sites.EVENT_LOG, sites.WAREHOUSE)  # noqa: S108 - of HDFS


@dataclass(frozen=True)
class Plan:
    """What a cluster's HDFS and YARN are made of."""

    folder: Path
    core_site: Mapping[str, str]
    hdfs_site: Mapping[str, str]
    yarn_site: Mapping[str, str]
    core_nodes: int
    # Where it takes long, it gives up when the event is set.
    java: Callable[[threading.Event], Java]
    memory: Memory


@dataclass(frozen=True, eq=False)
class Leave:
    """How a node leaves: the seconds that its containers have, until when, and whether HDFS copies its blocks."""

    seconds: int
    deadline: float
    with_blocks: bool
    # After a Spot notice nothing keeps it.
    is_final: bool


@dataclass
class Node:
    """A core or task instance that the machine carries."""

    instance: Instance
    folder: Path
    address: str
    trees: list[ProcessTree] = field(default_factory=list)
    is_gone: bool = False
    leave: Leave | None = None
    is_drained: bool = False

    @property
    def has_blocks(self) -> bool:
        """Tell whether it has a part of HDFS."""
        return self.instance.role != TASK

    @property
    def manager(self) -> ProcessTree | None:
        """Its NodeManager, which is started last."""
        return self.trees[-1] if self.trees else None


class Launcher:
    """Starts daemons until `ended` is set, under `lock`: whoever ends them takes it to miss none."""

    def __init__(self, plan: Plan) -> None:
        """Start nothing yet."""
        self.plan, self.ports, self.sizes = plan, free_ports(), Sizes.of(plan.memory.mib)
        self.rest = Rest(self.ports)
        self.conf = plan.folder / "conf"
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.primary: list[ProcessTree] = []

    def sites(self) -> dict[str, sites.Site]:
        """Return the settings that daemons and clients of the cluster share."""
        plan = self.plan
        return {
            "core_site": {**plan.core_site, **sites.core_site(self.ports, plan.folder)},
            "hdfs_site": sites.hdfs_site(self.ports, plan.folder, plan.core_nodes, plan.hdfs_site),
            "yarn_site": sites.yarn_site(self.ports, plan.folder, plan.yarn_site),
        }

    def start_primary(self, java: Java) -> None:
        """Start the ResourceManager and the NameNode, and wait until they answer.

        Raises:
            NotThereError: Where one does not come up.
        """
        folder, labels = self.plan.folder, sites.labels(self.plan.yarn_site)
        for site in ("hdfs", "datanode"):  # what their pages are, if anybody looked
            page = self.conf / "webapps" / site / "WEB-INF" / "web.xml"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("<web-app/>", encoding="utf-8")
        write_conf(self.conf, **self.sites(), capacity_scheduler=sites.scheduler_site(labels))
        manager, name_node = folder / "resourcemanager", folder / "namenode"
        self._launch(self.primary, java, manager, Sizes.RESOURCE_MANAGER_HEAP, RESOURCE_MANAGER)
        format_ = ("-format", "-nonInteractive")
        if java.start(folder / "format", self.conf, Sizes.DAEMON_HEAP, NAME_NODE, *format_).wait():
            raise NotThereError(f"NameNode: cannot format HDFS: {tail(folder / 'format')}")
        self._launch(self.primary, java, name_node, Sizes.DAEMON_HEAP, NAME_NODE)
        if self.ended.is_set():
            return
        self._until_answered(self.rest.running_nodes, self.primary[0], manager)
        if labels:
            add_labels(java, self.conf, folder / "rmadmin", labels)
        for path in _FOLDERS:
            self._until_answered(partial(self.rest.make_folder, path), self.primary[1], name_node)

    def start_node(self, java: Java, node: Node) -> None:
        """Start a NodeManager, and where HDFS's blocks are kept a DataNode."""
        if node.has_blocks:
            told = self.sites()
            folder = node.folder / "datanode"
            own = told["hdfs_site"] | sites.data_node_site(node.address, folder)
            write_conf(folder / "conf", core_site=told["core_site"], hdfs_site=own)
            self._launch(node.trees, java, folder, Sizes.DAEMON_HEAP, DATA_NODE, node)
        self.start_manager(java, node)

    def start_manager(self, java: Java, node: Node) -> None:
        """Start a NodeManager."""
        told = self.sites()
        label = sites.label_of(node.instance, self.plan.yarn_site)
        told["yarn_site"] |= sites.node_site(node.address, node.folder, self.sizes.containers_mib, label)
        write_conf(node.folder / "conf", **told)
        self._launch(node.trees, java, node.folder, Sizes.DAEMON_HEAP, NODE_MANAGER, node)

    def _launch(
        self,
        trees: list[ProcessTree],
        java: Java,
        folder: Path,
        heap: int,
        name: str,
        node: Node | None = None,
    ) -> None:
        """Start a daemon, unless its node or the cluster has ended meanwhile."""
        address = node.address if node else sites.PRIMARY
        conf = folder / "conf" if node else self.conf
        own = {"SPARK_LOCAL_IP": address, "SPARK_LOCAL_HOSTNAME": address}
        with self.lock:
            if not self.ended.is_set() and not (node and node.is_gone):
                trees.append(java.start(folder, conf, heap, name, further=own))

    def _until_answered(self, ask: Callable[[], object], tree: ProcessTree, folder: Path) -> None:
        deadline = monotonic() + _PATIENCE_S
        while not self.ended.wait(_LOOK_AGAIN_S):
            try:
                ask()
            except NotThereError as fault:
                if tree.has_ended:
                    raise NotThereError(f"{folder.name} has ended: {tail(folder)}") from fault
                if monotonic() > deadline:
                    raise
            else:
                return
