"""What is told to the ResourceManager by `yarn rmadmin`: node labels, and nodes that leave gracefully.

https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/GracefulDecommission.html
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from local_aws.hadoop.daemons import Java, tail
from local_aws.hadoop.rest import NotThereError

_RMADMIN: Final = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"
_HEAP_MIB: Final = 128
# Each host has a time of its own in the file; this one is of those that have none there.
_GRACE_S: Final = 3600


def add_labels(java: Java, conf: Path, folder: Path, labels: Sequence[str]) -> None:
    """Make node labels, which are not exclusive: what asks for none runs there too, as EMR has them.

    Raises:
        NotThereError: Where the ResourceManager does not take them.
    """
    told = ",".join(f"{label}(exclusive=false)" for label in labels)
    _run(java, conf, folder, "-addToClusterNodeLabels", told)


def write_excluded(path: Path, hosts: Mapping[str, int]) -> None:
    """Write the file of the hosts that let no container begin, each with the seconds that those it has may take."""
    root = ET.Element("hosts")
    for host, seconds in hosts.items():
        entry = ET.SubElement(root, "host")
        ET.SubElement(entry, "name").text = host
        ET.SubElement(entry, "timeout").text = str(seconds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def read_excluded(java: Java, conf: Path, folder: Path) -> None:
    """Let the ResourceManager read that file.

    Raises:
        NotThereError: Where it does not.
    """
    _run(java, conf, folder, "-refreshNodes", "-g", str(_GRACE_S), "-server")


def _run(java: Java, conf: Path, folder: Path, *words: str) -> None:
    if java.start(folder, conf, _HEAP_MIB, _RMADMIN, *words).wait():
        raise NotThereError(f"ResourceManager: expected to take {' '.join(words)}, does not: {tail(folder)}")
