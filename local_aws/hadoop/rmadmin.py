"""What is told to the ResourceManager by `yarn rmadmin`: node labels, and nodes that leave gracefully.

https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/GracefulDecommission.html
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from local_aws.hadoop.daemons import Java, tail
from local_aws.hadoop.rest import NotThereError

_RMADMIN: Final = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"
_HEAP_MIB: Final = 128


def add_labels(java: Java, conf: Path, folder: Path, labels: Sequence[str]) -> None:
    """Make node labels, which are not exclusive: what asks for none runs there too, as EMR has them.

    Raises:
        NotThereError: Where the ResourceManager does not take them.
    """
    told = ",".join(f"{label}(exclusive=false)" for label in labels)
    if java.start(folder, conf, _HEAP_MIB, _RMADMIN, "-addToClusterNodeLabels", told).wait():
        raise NotThereError(
            f"ResourceManager: expected to make the node labels {told}, failed: {tail(folder)}"
        )


class Exclusions:
    """The hosts that the ResourceManager excludes, each with the seconds that its containers have."""

    def __init__(self, path: Path) -> None:
        """Begin with none."""
        self._path = path
        self._hosts: dict[str, int] = {}

    def has(self, host: str) -> bool:
        """Tell whether a host is excluded."""
        return host in self._hosts

    def add(self, host: str, seconds: int) -> None:
        """Exclude a host, whose containers have so many seconds."""
        self._hosts[host] = seconds
        self.write()

    def write(self) -> None:
        """Write the file that the ResourceManager reads."""
        root = ET.Element("hosts")
        for host, seconds in self._hosts.items():
            entry = ET.SubElement(root, "host")
            ET.SubElement(entry, "name").text = host
            ET.SubElement(entry, "timeout").text = str(seconds)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))

    def refresh(self, java: Java, conf: Path, folder: Path, seconds: int) -> int:
        """Let the ResourceManager read it (`yarn rmadmin -refreshNodes -g`); return the command's exit code."""
        words = ("-refreshNodes", "-g", str(seconds), "-server")
        return java.start(folder, conf, _HEAP_MIB, _RMADMIN, *words).wait()
