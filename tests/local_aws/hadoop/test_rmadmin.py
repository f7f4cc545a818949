"""What the ResourceManager is told."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.rmadmin import Exclusions, add_labels
from tests.local_aws.hadoop import javas

RMADMIN = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"


def test_labels_are_not_exclusive(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    add_labels(java, tmp_path, tmp_path / "rmadmin", ["ON_DEMAND", "SPOT"])
    told = "-addToClusterNodeLabels ON_DEMAND(exclusive=false),SPOT(exclusive=false)"
    assert javas.told(java) == [f"{RMADMIN} {told}"]
    (tmp_path / "java/bin/java.code").write_text("1")
    with pytest.raises(NotThereError, match=r"expected to make the node labels CORE\(exclusive=false\)"):
        add_labels(java, tmp_path, tmp_path / "rmadmin", ["CORE"])


def test_a_host_is_excluded_with_the_seconds_that_it_has(tmp_path: Path) -> None:
    java, path = javas.make(tmp_path), tmp_path / "conf" / "exclude.xml"
    exclusions = Exclusions(path)
    exclusions.write()
    assert [*ET.parse(path).getroot()] == []  # noqa: S314 - ours
    exclusions.add("127.0.0.3", 120)
    assert exclusions.has("127.0.0.3")
    assert not exclusions.has("127.0.0.2")
    (host,) = ET.parse(path).getroot()  # noqa: S314 - ours
    assert (host.findtext("name"), host.findtext("timeout")) == ("127.0.0.3", "120")
    assert exclusions.refresh(java, tmp_path, tmp_path / "rmadmin", 120) == 0
    assert javas.told(java) == [f"{RMADMIN} -refreshNodes -g 120 -server"]
