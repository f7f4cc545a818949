"""What the ResourceManager is told."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.rmadmin import add_labels, read_excluded, write_excluded
from tests.local_aws.hadoop import javas

RMADMIN = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"


def test_labels_are_not_exclusive(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    add_labels(java, tmp_path, tmp_path / "rmadmin", ["ON_DEMAND", "SPOT"])
    told = "-addToClusterNodeLabels ON_DEMAND(exclusive=false),SPOT(exclusive=false)"
    assert javas.told(java) == [f"{RMADMIN} {told}"]
    (tmp_path / "java/bin/java.code").write_text("1")
    with pytest.raises(
        NotThereError, match=r"expected to take -addToClusterNodeLabels CORE\(exclusive=false\)"
    ):
        add_labels(java, tmp_path, tmp_path / "rmadmin", ["CORE"])


def test_hosts_are_excluded_with_the_seconds_that_they_have(tmp_path: Path) -> None:
    path = tmp_path / "conf" / "exclude.xml"
    write_excluded(path, {})
    assert [*ET.parse(path).getroot()] == []  # noqa: S314 - ours
    write_excluded(path, {"127.0.0.3": 120})
    (host,) = ET.parse(path).getroot()  # noqa: S314 - ours
    assert (host.findtext("name"), host.findtext("timeout")) == ("127.0.0.3", "120")


def test_the_resource_manager_reads_who_is_excluded(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    read_excluded(java, tmp_path, tmp_path / "rmadmin")
    assert javas.told(java) == [f"{RMADMIN} -refreshNodes -g 3600 -server"]
    (tmp_path / "java/bin/java.code").write_text("1")
    with pytest.raises(NotThereError, match="expected to take -refreshNodes -g 3600 -server, does not"):
        read_excluded(java, tmp_path, tmp_path / "rmadmin")
