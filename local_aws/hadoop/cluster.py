"""HDFS and YARN of one cluster: started with it, a node for each core or task instance, ended with it.

What takes time is done by a thread of the cluster's own, in order; what kills is done at once.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Final

from local_aws.emr.entities import TASK, Instance
from local_aws.hadoop import sites
from local_aws.hadoop.daemons import Java
from local_aws.hadoop.launcher import Launcher, Node, Plan
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.rmadmin import Exclusions
from local_aws.hadoop.sizes import Sizes
from local_aws.running.processes import ProcessTree
from local_aws.running.spark_command import CannotRunError

_PATIENCE_S: Final = 180.0
_LOOK_AGAIN_S: Final = 0.2
log = logging.getLogger("local_aws.hadoop")


class HadoopCluster:
    """The daemons of a cluster."""

    def __init__(self, plan: Plan) -> None:
        """Take care of them; none is started yet."""
        self.plan, self.launcher = plan, Launcher(plan)
        self.sizes, self.ports, self.rest = self.launcher.sizes, self.launcher.ports, self.launcher.rest
        self.client_sites = self.launcher.sites
        self._works = ThreadPoolExecutor(1, thread_name_prefix="hadoop")
        self._nodes: dict[str, Node] = {}
        self._waiting: list[Instance] = []
        self._ended = self.launcher.ended
        self._is_up = threading.Event()
        self._taken = 0
        self._count = 0
        self._fault: str | None = None
        self._java: Java | None = None
        self._exclusions = Exclusions(self.launcher.conf / "yarn.exclude.xml")

    def start(self) -> None:
        """Begin to start the primary's daemons."""
        self._works.submit(self._guarded, self._start)

    def add(self, instance: Instance) -> None:
        """Start a node for an instance, as far as the machine carries one."""
        self._waiting.append(instance)
        self._works.submit(self._guarded, self._add_waiting)

    def drain(self, instance: Instance, seconds: int) -> None:
        """Let a node take no more containers, and wait so long for those that it has."""
        if instance.id in self._nodes and not self._ended.is_set():
            self._works.submit(self._drain, self._nodes[instance.id], seconds)

    def kill(self, instance: Instance) -> None:
        """Kill a node with all that runs on it, without a word; another instance may have its memory."""
        if instance in self._waiting:
            self._waiting.remove(instance)
        node = self._nodes.get(instance.id)
        if node is None or node.is_gone:
            return
        with self.launcher.lock:
            node.is_gone = True
            _end(node.trees)
        log.info("%s: its node %s is killed", instance.id, node.address)
        if not self._ended.is_set():
            self._works.submit(self._bury, node)

    def is_drained(self, instance: Instance) -> bool:
        """Tell whether nothing runs on an instance."""
        node = self._nodes.get(instance.id)
        return node is None or node.is_gone or node.is_drained

    def stop(self) -> None:
        """Kill all of it; `join` waits for its end."""
        with self.launcher.lock:
            if self._ended.is_set():
                return
            self._ended.set()
            trees = [*self.launcher.primary, *(tree for node in self._nodes.values() for tree in node.trees)]
            _end(trees)
        self.plan.memory.look()
        self._works.submit(self._bury_all, trees)
        self._works.shutdown(wait=False)

    def join(self) -> None:
        """Wait until nothing of it runs; after `stop`."""
        self._works.shutdown(wait=True)

    def wait_until_ready(self, is_stopped: threading.Event) -> None:
        """Wait until HDFS and YARN take work.

        Raises:
            CannotRunError: Where they do not, or `is_stopped` is set meanwhile.
        """
        deadline = monotonic() + _PATIENCE_S
        while not self._is_ready():
            if is_stopped.wait(_LOOK_AGAIN_S) or self._ended.is_set():
                raise CannotRunError("HDFS and YARN: stopped before they were ready")
            if self._fault:
                raise CannotRunError(f"HDFS and YARN: cannot start: {self._fault}")
            if monotonic() > deadline and self._taken:
                raise CannotRunError(
                    f"HDFS and YARN: expected to be ready within {_PATIENCE_S:g} s, are not: see the logs below "
                    f"{self.plan.folder}"
                )

    @property
    def container_folders(self) -> list[Path]:
        """The folders where nodes have their containers' logs, of those that are gone too."""
        return [node.folder / "containers" for node in self._nodes.values()]

    @property
    def java(self) -> Java:
        """How Hadoop's classes are run; known once it is ready."""
        assert self._java is not None  # noqa: S101 - it is started before anything is ready
        return self._java

    def node_of(self, address: str) -> Instance | None:
        """Return the instance behind a node's address."""
        return next((node.instance for node in self._nodes.values() if node.address == address), None)

    def _is_ready(self) -> bool:
        if not self._is_up.is_set():
            return False
        wanted = {node.address for node in self._nodes.values() if node.trees and not node.is_gone}
        try:
            running = self.rest.running_nodes()
            return bool(wanted & running) and not self._waiting_for(wanted - running) and self._has_blocks()
        except NotThereError:
            return False

    def _waiting_for(self, missing: set[str]) -> bool:
        """Tell whether nodes are to come: those that are drained do not."""
        nodes = [node for node in self._nodes.values() if node.address in missing]
        return any(not self._exclusions.has(node.address) for node in nodes)

    def _has_blocks(self) -> bool:
        return self.rest.data_nodes() > 0

    def _guarded(self, do: Callable[[], None]) -> None:
        """Do something in the cluster's thread; what goes wrong is told to whoever waits for the cluster."""
        if self._ended.is_set():
            return
        try:
            do()
        except Exception as fault:
            if not self._ended.is_set():
                log.exception("%s", self.plan.folder)
                self._fault = self._fault or f"{type(fault).__name__}: {fault}"

    def _start(self) -> None:
        if self._take(self.sizes.primary_mib + self.sizes.a_node_mib):
            self._java = self.plan.java()
            self._exclusions.write()
            self.launcher.start_primary(self._java)
            self._is_up.set()
            self._add_waiting()

    def _add_waiting(self) -> None:
        """Start nodes for the instances that wait, core first, while there is room for them."""
        if not self._is_up.is_set():
            return
        for instance in sorted(self._waiting, key=lambda one: one.role == TASK):
            is_first = not self._nodes
            if is_first and instance.role == TASK:
                return  # its memory is there for the core node that holds HDFS
            if not is_first and not self._try_take():
                log.warning("%s: this machine carries no more nodes; it has none in YARN", instance.id)
                return
            self._waiting.remove(instance)
            address, self._count = sites.node_address(self._count), self._count + 1
            node = Node(instance, self.plan.folder / "nodes" / str(instance.ec2_id), address)
            self._nodes[instance.id] = node
            self.launcher.start_node(self.java, node)

    def _drain(self, node: Node, seconds: int) -> None:
        try:
            self._exclusions.add(node.address, seconds)
            self._exclusions.refresh(self.java, self.launcher.conf, self.plan.folder / "rmadmin", seconds)
        except OSError:
            log.exception("%s: cannot be drained", node.address)
        threading.Thread(target=self._watch, args=(node, monotonic() + seconds), daemon=True).start()

    def _watch(self, node: Node, deadline: float) -> None:
        while not (self._ended.wait(_LOOK_AGAIN_S) or node.is_gone or monotonic() > deadline):
            try:
                if node.address not in self.rest.live_nodes():
                    break
            except NotThereError:
                continue
        node.is_drained = True

    def _take(self, mib: int) -> bool:
        taken = self.plan.memory.take(mib, self._ended)
        self._taken += mib if taken else 0
        return taken

    def _try_take(self) -> bool:
        taken = self.plan.memory.try_take(self.sizes.a_node_mib, leaving=Sizes.CLIENT)
        self._taken += self.sizes.a_node_mib if taken else 0
        return taken

    def _bury(self, node: Node) -> None:
        """Wait for the end of a killed node, and give its memory to one that waits."""
        for tree in node.trees:
            tree.wait()
        self.plan.memory.give_back(self.sizes.a_node_mib)
        self._taken -= self.sizes.a_node_mib
        self._guarded(self._add_waiting)

    def _bury_all(self, trees: list[ProcessTree]) -> None:
        for tree in trees:
            tree.wait()
        self.plan.memory.give_back(self._taken)
        self._taken = 0


def _end(trees: list[ProcessTree]) -> None:
    for tree in trees:
        tree.end(is_forced=True)
