"""A cluster that stands: its daemons are shell scripts, and what they would tell is told by a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_aws.hadoop import launcher
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.daemons import Java
from tests.local_aws.hadoop import javas
from tests.local_aws.hadoop.answering import DATA_NODES, Answers, answering, data_nodes, page
from tests.local_aws.hadoop.planning import plan
from tests.local_aws.waiting import until

_YARN = "/ws/v1/cluster/nodes?states="
_FOLDERS = ("/tmp", "/user/hadoop", "/var/log/spark/apps", "/user/spark/warehouse")  # noqa: S108 - of HDFS


def _kill(application: str) -> str:
    return f"/ws/v1/cluster/apps/{application}/state?user.name=hadoop"


class Standing:
    """The cluster, and what its daemons tell."""

    def __init__(self, root: Path, server: Answers, mib: int) -> None:
        self.java: Java = javas.make(root)
        self._server = server
        for path in _FOLDERS:
            server.told[f"/webhdfs/v1{path}?op=MKDIRS&user.name=hadoop"] = {"boolean": True}
        self.tell(running=[])
        self.tell_blocks({})
        self.cluster = HadoopCluster(plan(root, self.java, mib=mib))

    def tell(self, *, running: list[str], leaving: tuple[str, ...] = ()) -> None:
        """Let YARN tell which nodes take containers, and which only let them end."""
        for states, hosts in (("RUNNING", running), ("RUNNING,DECOMMISSIONING", [*running, *leaving])):
            nodes = [{"nodeHTTPAddress": f"{host}:1"} for host in hosts]
            self._server.told[f"{_YARN}{states}"] = {"nodes": {"node": nodes}}

    def tell_blocks(self, states: Mapping[str, str]) -> None:
        """Let HDFS tell of its DataNodes; each has its host's last number for a port."""
        live = {
            f"{host}:1": {"xferaddr": f"127.0.0.1:{host.rpartition('.')[2]}", "adminState": state}
            for host, state in states.items()
        }
        self._server.told[DATA_NODES] = data_nodes(live)

    def tell_applications(self, step: str, *ids: str, is_ended: bool = False) -> None:
        """Let YARN tell of a step's applications."""
        self._server.told["/cluster/apps"] = page(dict.fromkeys(ids, step))
        for one in ids:
            state = "KILLED" if is_ended else "RUNNING"
            self._server.told[f"/ws/v1/cluster/apps/{one}/state"] = {"state": state}
            self._server.told[_kill(one)] = {}

    def killed(self, application: str) -> int:
        """Count how often YARN was asked to kill an application."""
        return sum(asked[:2] == ("PUT", _kill(application)) for asked in self._server.asked)

    def ran(self, name: str) -> int:
        """Count how often a class was run."""
        return sum(name in line for line in javas.told(self.java))

    def until_asked(self, path: str) -> None:
        """Wait until daemons were asked for a path, and what they told was heeded: it is asked for again."""
        before = self._asked(path)
        until(lambda: self._asked(path) >= before + 2)

    def _asked(self, path: str) -> int:
        return sum(path in asked[1] for asked in self._server.asked)

    def excluded(self, name: str) -> str:
        """Return the file of who leaves, `yarn.exclude.xml` or `dfs.exclude`."""
        path = self.cluster.launcher.conf / name
        return path.read_text() if path.exists() else ""


@contextmanager
def standing(root: Path, patch: pytest.MonkeyPatch, mib: int = 20_000) -> Iterator[Standing]:
    """Give one, and end it."""
    with answering({}) as server:
        patch.setattr(launcher, "free_ports", lambda: server.ports)
        made = Standing(root, server, mib)
        try:
            yield made
        finally:
            made.cluster.stop()
            made.cluster.join()
