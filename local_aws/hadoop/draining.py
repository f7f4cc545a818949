"""How nodes leave and come back: YARN lets their containers end, HDFS copies the blocks that they have.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-scaledown-behavior.html
"""

from collections.abc import Sequence
from time import monotonic
from typing import Final

from local_aws.hadoop import dfsadmin, rmadmin
from local_aws.hadoop.daemons import Java
from local_aws.hadoop.launcher import Launcher, Leave, Node
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.sites import HDFS_EXCLUDED, YARN_EXCLUDED

_LOOK_AGAIN_S: Final = 0.2
_PATIENCE_S: Final = 60.0
_DONE: Final = "Decommissioned"


class Draining:
    """The nodes of a cluster that leave, as its daemons know them."""

    def __init__(self, launcher: Launcher) -> None:
        """Begin with none."""
        self._launcher, self._rest = launcher, launcher.rest
        self._without: list[str] = []

    def begin(self) -> None:
        """Write the files that the daemons read when they start."""
        rmadmin.write_excluded(self._launcher.conf / YARN_EXCLUDED, {})
        dfsadmin.write_excluded(self._launcher.conf / HDFS_EXCLUDED, [])

    def tell(self, java: Java, nodes: Sequence[Node]) -> None:
        """Tell YARN and HDFS which of the nodes leave, and with that which do not.

        Raises:
            NotThereError: Where they do not take it.
        """
        conf, folder = self._launcher.conf, self._launcher.plan.folder
        leaves = {node.address: node.leave for node in nodes}
        seconds = {address: leave.seconds for address, leave in leaves.items() if leave}
        rmadmin.write_excluded(conf / YARN_EXCLUDED, seconds)
        rmadmin.read_excluded(java, conf, folder / "rmadmin")
        hosts = [node.address for node in nodes if node.leave and node.leave.with_blocks and not node.is_gone]
        if hosts or self._without:
            known = self._rest.data_nodes()
            self._without = [known[host].address for host in hosts if host in known]
            dfsadmin.write_excluded(conf / HDFS_EXCLUDED, self._without)
            dfsadmin.read_excluded(java, conf, folder / "dfsadmin")

    def watch(self, node: Node, leave: Leave) -> None:
        """Wait until nothing is left on a node, or its time is over, and note that; not where it is kept meanwhile."""
        while node.leave is leave and not node.is_gone and monotonic() < leave.deadline:
            if self._is_empty(node, leave) or self._launcher.ended.wait(_LOOK_AGAIN_S):
                break
        if node.leave is leave:
            node.is_drained = True

    def bring_back(self, java: Java, node: Node) -> None:
        """Wait until a node takes containers again; a NodeManager that YARN has let go ends, and is started anew."""
        deadline = monotonic() + _PATIENCE_S
        while node.leave is None and not node.is_gone and monotonic() < deadline:
            if node.manager is None or node.manager.has_ended:
                self._launcher.start_manager(java, node)
                return
            if self._takes_containers(node) or self._launcher.ended.wait(_LOOK_AGAIN_S):
                return

    def _is_empty(self, node: Node, leave: Leave) -> bool:
        try:
            if node.address in self._rest.live_nodes():
                return False
            found = self._rest.data_nodes().get(node.address) if leave.with_blocks else None
        except NotThereError:
            return False
        return found is None or found.state == _DONE

    def _takes_containers(self, node: Node) -> bool:
        try:
            return node.address in self._rest.running_nodes()
        except NotThereError:
            return False
