"""Hadoop's programs as processes."""

import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local_aws.hadoop import daemons
from local_aws.hadoop.daemons import free_ports, tail, write_conf
from tests.local_aws.hadoop import javas


def test_a_class_is_run_with_its_folder_of_settings_first(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    command = java.command(Path("/conf"), 64, "org.Main", "-x")
    assert (command[0], command[1]) == (f"{java.home}/bin/java", "-Xmx64m")
    assert command[-4:] == ["-cp", "/conf:/jars/*", "org.Main", "-x"]


def test_a_command_ends_with_its_code_and_a_daemon_stays(tmp_path: Path) -> None:
    java = javas.make(tmp_path)
    assert java.start(tmp_path / "a", tmp_path, 64, "org.NameNode", "-format").wait() == 0
    daemon = java.start(tmp_path / "b", tmp_path, 64, "org.NameNode")
    assert not daemon.has_ended
    daemon.end(is_forced=True)
    assert daemon.wait() == 137
    assert daemon.has_ended


def test_settings_are_hadoops_xml(tmp_path: Path) -> None:
    conf = write_conf(tmp_path / "conf", core_site={"a": "<1>"})
    root = ET.parse(conf / "core-site.xml").getroot()  # noqa: S314 - ours
    pairs = [(pair.findtext("name"), pair.findtext("value")) for pair in root]
    assert pairs == [("a", "<1>")]


def test_ports_are_free_all_different_and_none_that_a_connection_gets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        first = taken.getsockname()[1]
        monkeypatch.setattr(daemons, "_PORTS", range(first, first + 40))
        assert first not in vars(free_ports()).values()
    monkeypatch.undo()
    ports = set(vars(free_ports()).values())
    assert len(ports) == 7
    assert max(ports) < 32_768


def test_what_went_wrong_is_the_last_line_of_a_fault(tmp_path: Path) -> None:
    assert tail(tmp_path) == f"see {tmp_path}/stderr"
    (tmp_path / "stderr").write_text("ERROR first\njava.io.IOException: last\nbye\n")
    assert tail(tmp_path) == "java.io.IOException: last"
