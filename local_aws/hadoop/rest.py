"""What HDFS and YARN tell and take over HTTP.

https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/ResourceManagerRest.html
"""

import http.client
import json
import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from local_aws.hadoop.sites import PRIMARY, USER, Ports

_TIMEOUT_S: Final = 10.0
_ENDED: Final = frozenset({"FINISHED", "FAILED", "KILLED"})
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
# Of a row of YARN's page of applications: the id, then user, name and kind, then tags.
_ROW: Final = re.compile(rf">(?P<id>application_\d+_\d+)</a>\"(?:,{_TEXT}){{3}},(?P<tags>{_TEXT})")


class NotThereError(Exception):
    """A daemon does not answer, or not as expected; says which and how."""


class UnknownError(NotThereError):
    """A daemon does not know what it is asked for."""


class DataNode(NamedTuple):
    """What the NameNode knows of a DataNode: its address, and whether it is `In Service`."""

    address: str
    state: str


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

    def data_nodes(self) -> dict[str, DataNode]:
        """Return the DataNodes that are there, by their hosts."""
        query = "/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
        beans = _ask(self.ports.name_node_http, "GET", query).get("beans")
        nodes = json.loads(beans[0]["LiveNodes"]) if beans else {}
        return {
            str(name).rpartition(":")[0]: DataNode(str(told["xferaddr"]), str(told["adminState"]))
            for name, told in nodes.items()
        }

    def applications(self, tag: str) -> list[str]:
        """Return the ids of the applications with a tag, as YARN's page has them: the minicluster's JSON breaks off."""
        rows = _ROW.finditer(_read(self.ports.web, "GET", "/cluster/apps"))
        return sorted(row["id"] for row in rows if tag.lower() in row["tags"].strip('"').split(","))

    def has_ended(self, application: str) -> bool:
        """Tell whether an application has ended, however, or never came to YARN."""
        try:
            return self._yarn("GET", f"/apps/{application}/state").get("state") in _ENDED
        except UnknownError:
            return True

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
    text = _read(port, method, path, body)
    try:
        told = json.loads(text) if text.strip() else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _read(port: int, method: str, path: str, body: object | None = None) -> str:
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
        kind = UnknownError if answer.status == http.client.NOT_FOUND else NotThereError
        raise kind(f"port {port}: {method} {path} is answered {answer.status}: {text[:300]}")
    return text
