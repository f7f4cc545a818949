"""Hadoop's programs as processes: daemons, which stay, and commands, which end."""

import random
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_aws.hadoop.sites import PRIMARY, USER, Ports
from local_aws.running.configurations import site_xml
from local_aws.running.processes import ProcessTree

NAME_NODE: Final = "org.apache.hadoop.hdfs.server.namenode.NameNode"
DATA_NODE: Final = "org.apache.hadoop.hdfs.server.datanode.DataNode"
RESOURCE_MANAGER: Final = "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager"
NODE_MANAGER: Final = "org.apache.hadoop.yarn.server.nodemanager.NodeManager"
_SMALL: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxMetaspaceSize=160m")
# Hadoop 3 reflects on what Java 17 keeps to itself.
_OPENED: Final = ("--add-opens", "java.base/java.lang=ALL-UNNAMED")
# Below those that Linux gives to connections (net.ipv4.ip_local_port_range).
_PORTS: Final = range(15_000, 32_000)
_LOG4J: Final = """status=error
appender.console.type=Console
appender.console.name=console
appender.console.target=SYSTEM_ERR
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1}: %m%n%ex
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
"""


@dataclass(frozen=True)
class Java:
    """How Hadoop's classes are run: a Java, the class path of the release, and variables that every process has."""

    home: str
    class_path: str
    variables: Mapping[str, str]

    def command(self, conf: Path, heap_mib: int, *words: str) -> list[str]:
        """Return a command that runs a class, the first of the words, with a folder of settings."""
        options = [f"-Xmx{heap_mib}m", *_SMALL, *_OPENED]
        return [f"{self.home}/bin/java", *options, "-cp", f"{conf}:{self.class_path}", *words]

    def start(
        self, folder: Path, conf: Path, heap_mib: int, *words: str, further: Mapping[str, str] | None = None
    ) -> ProcessTree:
        """Start a class below a folder, which keeps what it writes.

        Raises:
            OSError: Where it cannot be started.
        """
        folder.mkdir(parents=True, exist_ok=True)
        variables = {**self.variables, **(further or {}), "HADOOP_USER_NAME": USER, "JAVA_HOME": self.home}
        return ProcessTree(self.command(conf, heap_mib, *words), folder, variables)


def write_conf(folder: Path, **sites: Mapping[str, str]) -> Path:
    """Write a folder of settings: `core_site=…` is its `core-site.xml`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in sites.items():
        (folder / f"{name.replace('_', '-')}.xml").write_bytes(site_xml(values))
    (folder / "log4j2.properties").write_text(_LOG4J, encoding="utf-8")
    return folder


def free_ports() -> Ports:
    """Find free ports of loopback, all different, which no connection takes before daemons listen there."""
    with ExitStack() as bound:
        found: list[int] = []
        for port in random.sample(_PORTS, len(_PORTS)):
            if len(found) == len(Ports.__dataclass_fields__):
                break
            one = bound.enter_context(socket.socket())
            with suppress(OSError):
                one.bind((PRIMARY, port))
                found.append(port)
        return Ports(*found)


def tail(folder: Path) -> str:
    """Return the last line that speaks of a fault in what a daemon has written, or where it is."""
    path = folder / "stderr"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    wanted = [line for line in lines if "Exception" in line or "ERROR" in line]
    return wanted[-1][:500] if wanted else f"see {path}"
