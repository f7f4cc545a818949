"""What HDFS and YARN tell and take over HTTP.

https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/ResourceManagerRest.html
"""

import http.client
import json
from dataclasses import dataclass
from typing import Any, Final

from local_aws.hadoop.sites import PRIMARY, USER, Ports

_TIMEOUT_S: Final = 10.0


class NotThereError(Exception):
    """A daemon does not answer, or not as expected; says which and how."""


@dataclass(frozen=True)
class Rest:
    """The primary's daemons."""

    ports: Ports

    def running_nodes(self) -> set[str]:
        """Return the hosts of the nodes that take containers."""
        return self._hosts("RUNNING")

    def live_nodes(self) -> set[str]:
        """Return the hosts of the nodes that are there, those too that let no more containers begin."""
        return self._hosts("RUNNING,DECOMMISSIONING")

    def _hosts(self, states: str) -> set[str]:
        nodes = _listed(self._yarn("GET", f"/nodes?states={states}"), "nodes", "node")
        return {str(node["nodeHTTPAddress"]).partition(":")[0] for node in nodes}

    def data_nodes(self) -> int:
        """Count the DataNodes that are there."""
        query = "/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState"
        beans = _ask(self.ports.name_node_http, "GET", query)["beans"]
        return int(beans[0]["NumLiveDataNodes"]) if beans else 0

    def masters(self, application: str) -> list[str]:
        """Return the hosts of an application's masters, one for each attempt, the latest last."""
        attempts = _listed(self._yarn("GET", f"/apps/{application}/appattempts"), "attempts", "appAttempt")
        found = sorted(attempts, key=lambda one: int(one["attemptId"]))
        return [str(one["nodeHttpAddress"]).partition(":")[0] for one in found]

    def kill(self, application: str) -> None:
        """Kill an application; one that has ended stays as it is."""
        self._yarn("PUT", f"/apps/{application}/state?user.name={USER}", {"state": "KILLED"})

    def make_folder(self, path: str) -> None:
        """Make a folder of HDFS."""
        _ask(self.ports.name_node_http, "PUT", f"/webhdfs/v1{path}?op=MKDIRS&user.name={USER}")

    def _yarn(self, method: str, path: str, body: object | None = None) -> dict[str, Any]:
        return _ask(self.ports.web, method, f"/ws/v1/cluster{path}", body)


def _listed(told: dict[str, Any], name: str, each: str) -> list[dict[str, Any]]:
    """Return what is listed, in whatever form: the minicluster's JSON has the list alone, or null where it is empty."""
    holder = told.get(name) or []
    return list((holder.get(each) or ()) if isinstance(holder, dict) else holder)


def _ask(port: int, method: str, path: str, body: object | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection(PRIMARY, port, timeout=_TIMEOUT_S)
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as fault:
        raise NotThereError(f"port {port}: expected an answer to {method} {path}, failed: {fault}") from fault
    finally:
        connection.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise NotThereError(f"port {port}: {method} {path} is answered {answer.status}: {text[:300]}")
    try:
        told = json.loads(text) if text.strip() else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
