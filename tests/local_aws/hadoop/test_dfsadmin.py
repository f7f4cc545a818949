"""What the NameNode is told."""

from pathlib import Path

import pytest

from local_aws.hadoop.dfsadmin import read_excluded, write_excluded
from local_aws.hadoop.rest import NotThereError
from tests.local_aws.hadoop import javas


def test_data_nodes_that_leave_are_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "conf" / "exclude"
    write_excluded(path, ["127.0.0.1:5", "127.0.0.1:6"])
    assert path.read_text() == "127.0.0.1:5\n127.0.0.1:6\n"
    write_excluded(path, [])
    assert not path.read_text()


def test_the_name_node_reads_who_leaves(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    read_excluded(java, tmp_path, tmp_path / "dfsadmin")
    assert javas.told(java) == ["org.apache.hadoop.hdfs.tools.DFSAdmin -refreshNodes"]
    (tmp_path / "java/bin/java.code").write_text("1")
    with pytest.raises(NotThereError, match="NameNode: expected to take -refreshNodes, does not: see"):
        read_excluded(java, tmp_path, tmp_path / "dfsadmin")
