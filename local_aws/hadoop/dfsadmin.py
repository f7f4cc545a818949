"""What is told to the NameNode by `hdfs dfsadmin`: the DataNodes that leave, whose blocks it then has copied.

https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/HdfsDataNodeAdminGuide.html
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from local_aws.hadoop.daemons import Java, tail
from local_aws.hadoop.rest import NotThereError

_DFSADMIN: Final = "org.apache.hadoop.hdfs.tools.DFSAdmin"
_HEAP_MIB: Final = 128


def write_excluded(path: Path, addresses: Iterable[str]) -> None:
    """Write the file of the DataNodes that leave, by the addresses that the NameNode knows them by."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{address}\n" for address in addresses), encoding="utf-8")


def read_excluded(java: Java, conf: Path, folder: Path) -> None:
    """Let the NameNode read that file.

    Raises:
        NotThereError: Where it does not.
    """
    if java.start(folder, conf, _HEAP_MIB, _DFSADMIN, "-refreshNodes").wait():
        raise NotThereError(f"NameNode: expected to take -refreshNodes, does not: {tail(folder)}")
