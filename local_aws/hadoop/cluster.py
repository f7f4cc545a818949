"""HDFS and YARN of one cluster: started with it, a node for each core or task instance, ended with it.

What takes time is done by a thread of the cluster's own, in order; what kills is done at once.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Final

from local_aws.emr.entities import TASK, Instance
from local_aws.hadoop import sites
from local_aws.hadoop.daemons import Java
from local_aws.hadoop.draining import Draining
from local_aws.hadoop.launcher import Launcher, Leave, Node, Plan
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.sizes import Sizes
from local_aws.running.processes import ProcessTree
from local_aws.running.spark_command import CannotRunError

_PATIENCE_S: Final = 180.0
_LOOK_AGAIN_S: Final = 0.2
# What nobody needs of a node that is gone, and of a cluster that has ended: logs stay.
_NODES_DATA: Final = ("local", "datanode/data")
_DATA: Final = ("name", "tmp", "node-labels")
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
        # Instances that wait for a node, and those among them that are to go before they have one.
        self._waiting: list[Instance] = []
        self._leaving: list[Instance] = []
        self._ended = self.launcher.ended
        self._is_up = threading.Event()
        self._begun_at: float | None = None
        self._held = 0
        self._count = 0
        self._fault: str | None = None
        self._java: Java | None = None
        self._draining = Draining(self.launcher)

    def start(self) -> None:
        """Begin to start the primary's daemons."""
        self._works.submit(self._guarded, self._start)

    def add(self, instance: Instance) -> None:
        """Start a node for an instance, as far as the machine carries one."""
        with self.launcher.lock:
            self._waiting.append(instance)
        self._works.submit(self._guarded, self._add_waiting)

    def drain(self, instance: Instance, seconds: int, *, is_final: bool) -> None:
        """Let a node take no more containers, and wait so long for those that it has, and for HDFS to copy its blocks.

        After a Spot notice, which is final, blocks are not copied: two minutes are no time for that.
        """
        with self.launcher.lock:
            if instance in self._waiting:
                self._waiting.remove(instance)
                self._leaving.append(instance)
        node = self._nodes.get(instance.id)
        if node is None or self._ended.is_set() or (node.leave and node.leave.is_final):
            return
        node.leave = Leave(seconds, monotonic() + seconds, node.has_blocks and not is_final, is_final)
        self._works.submit(self._drain, node, node.leave)

    def keep(self, instance: Instance) -> None:
        """Let a node that was to go take containers again."""
        if self._ended.is_set():
            return
        with self.launcher.lock:
            if instance in self._leaving:
                self._leaving.remove(instance)
                self._waiting.append(instance)
                self._works.submit(self._guarded, self._add_waiting)
        node = self._nodes.get(instance.id)
        if node and node.leave and not node.leave.is_final:
            node.leave, node.is_drained = None, False
            self._works.submit(self._keep, node)

    def kill(self, instance: Instance) -> None:
        """Kill a node with all that runs on it, without a word; another instance may have its memory."""
        with self.launcher.lock:
            for instances in (self._waiting, self._leaving):
                if instance in instances:
                    instances.remove(instance)
            node = self._nodes.get(instance.id)
            if node is None or node.is_gone:
                return
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
            trees = [*self.launcher.primary, *(tree for node in self.nodes for tree in node.trees)]
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
        began = monotonic()
        while not self._is_ready():
            if is_stopped.wait(_LOOK_AGAIN_S) or self._ended.is_set():
                raise CannotRunError("HDFS and YARN: stopped before they were ready")
            if self._fault:
                raise CannotRunError(f"HDFS and YARN: cannot start: {self._fault}")
            if self._begun_at is not None and monotonic() > max(began, self._begun_at) + _PATIENCE_S:
                raise CannotRunError(
                    f"HDFS and YARN: expected to be ready within {_PATIENCE_S:g} s, are not: see the logs below "
                    f"{self.plan.folder}"
                )

    @property
    def nodes(self) -> list[Node]:
        """All nodes that it ever had."""
        return list(self._nodes.values())

    @property
    def container_folders(self) -> list[Path]:
        """The folders where nodes have their containers' logs, of those that are gone too."""
        return [node.folder / "containers" for node in self.nodes]

    @property
    def java(self) -> Java:
        """How Hadoop's classes are run; known once it is ready."""
        assert self._java is not None  # noqa: S101 - it is started before anything is ready
        return self._java

    @property
    def live_nodes(self) -> int:
        """Count the nodes that this machine carries now."""
        return sum(not node.is_gone for node in self.nodes)

    def node_of(self, address: str) -> Instance | None:
        """Return the instance behind a node's address."""
        return next((node.instance for node in self.nodes if node.address == address), None)

    def _is_ready(self) -> bool:
        if not self._is_up.is_set():
            return False
        wanted = {node.address for node in self.nodes if node.trees and not node.is_gone}
        try:
            running = self.rest.running_nodes()
            return (
                bool(wanted & running)
                and not self._waiting_for(wanted - running)
                and bool(self.rest.data_nodes())
            )
        except NotThereError:
            return False

    def _waiting_for(self, missing: set[str]) -> bool:
        """Tell whether nodes are to come: those that leave are not."""
        return any(node.leave is None for node in self.nodes if node.address in missing)

    def _guarded(self, do: Callable[[], None]) -> None:
        """Do something in the cluster's thread; what goes wrong is told to whoever waits for the cluster."""
        if self._ended.is_set():
            return
        try:
            do()
        except Exception as fault:
            if not self._ended.is_set():
                log.exception("%s", self.plan.folder)
                name = "" if isinstance(fault, CannotRunError) else f"{type(fault).__name__}: "
                self._fault = self._fault or f"{name}{fault}"

    def _start(self) -> None:
        need = self.sizes.primary_mib + self.sizes.a_node_mib
        if need + Sizes.CLIENT > self.plan.memory.mib:
            raise CannotRunError(
                f"memory: expected at least {need + Sizes.CLIENT} MiB for clusters and steps, got "
                f"{self.plan.memory.mib}; use a larger machine, `--memory`, or the engine `local`"
            )
        if not self.plan.memory.hold(need, self._ended, leaving=Sizes.CLIENT):
            return
        self._held = need
        self._java = self.plan.java(self._ended)
        self._begun_at = monotonic()
        self._draining.begin()
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
            if not is_first and not self._hold_a_node():
                log.warning("%s: this machine carries no more nodes; it has none in YARN", instance.id)
                return
            node = self._admit(instance)
            if node:
                self.launcher.start_node(self.java, node)
            elif not is_first:
                self._let_go_a_node()

    def _admit(self, instance: Instance) -> Node | None:
        """Make a node for an instance, unless it does not wait any more."""
        with self.launcher.lock:
            if instance not in self._waiting:
                return None
            self._waiting.remove(instance)
            address, self._count = sites.node_address(self._count), self._count + 1
            node = Node(instance, self.plan.folder / "nodes" / str(instance.ec2_id), address)
            self._nodes[instance.id] = node
            return node

    def _drain(self, node: Node, leave: Leave) -> None:
        if node.leave is leave:
            self._tell()
            threading.Thread(target=self._draining.watch, args=(node, leave), daemon=True).start()

    def _keep(self, node: Node) -> None:
        if node.leave is None and not node.is_gone:
            self._tell()
            self._draining.bring_back(self.java, node)

    def _tell(self) -> None:
        """Tell YARN and HDFS who leaves; where they do not take it, who leaves has its time all the same."""
        try:
            self._draining.tell(self.java, self.nodes)
        except (OSError, NotThereError):
            if not self._ended.is_set():
                log.exception("%s: its daemons do not know which nodes leave", self.plan.folder)

    def _hold_a_node(self) -> bool:
        is_held = self.plan.memory.try_hold(self.sizes.a_node_mib, leaving=Sizes.CLIENT)
        self._held += self.sizes.a_node_mib if is_held else 0
        return is_held

    def _let_go_a_node(self) -> None:
        self.plan.memory.let_go(self.sizes.a_node_mib)
        self._held -= self.sizes.a_node_mib

    def _bury(self, node: Node) -> None:
        """Wait for the end of a killed node, and give its memory to one that waits."""
        for tree in node.trees:
            tree.wait()
        _remove(node.folder, _NODES_DATA)
        self._let_go_a_node()
        self._guarded(self._add_waiting)

    def _bury_all(self, trees: list[ProcessTree]) -> None:
        for tree in trees:
            tree.wait()
        self.plan.memory.let_go(self._held)
        self._held = 0
        _remove(self.plan.folder, _DATA)
        for node in self.nodes:
            _remove(node.folder, _NODES_DATA)


def _remove(folder: Path, places: Iterable[str]) -> None:
    for place in places:
        shutil.rmtree(folder / place, ignore_errors=True)


def _end(trees: list[ProcessTree]) -> None:
    for tree in trees:
        tree.end(is_forced=True)
