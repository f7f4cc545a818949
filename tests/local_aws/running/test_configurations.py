"""What a cluster's Configurations set."""

import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from local_aws.running.configurations import (
    env_script,
    exports,
    properties,
    site_xml,
    spark_defaults,
    uses_delta,
)

CONFIGURATIONS: list[dict[str, Any]] = [
    {"Classification": "spark-defaults", "Properties": {"spark.a": "1", "spark.b": "1"}},
    {"Classification": "spark-defaults", "Properties": {"spark.b": "2"}},
    {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}},
    {
        "Classification": "spark-env",
        "Configurations": [{"Classification": "export", "Properties": {"A": "x y"}}],
    },
    {
        "Classification": "hadoop-env",
        "Configurations": [{"Classification": "export", "Properties": {"B": "z"}}],
    },
    {"Classification": "spark"},
]


def test_a_classification_has_its_properties_the_last_of_each() -> None:
    assert properties(CONFIGURATIONS, "spark-defaults") == {"spark.a": "1", "spark.b": "2"}
    assert properties(CONFIGURATIONS, "core-site") == {}
    assert properties(CONFIGURATIONS, "spark") == {}


def test_variables_are_exported_by_the_classification_that_is_asked_for() -> None:
    assert exports(CONFIGURATIONS, "spark-env") == {"A": "x y"}
    assert exports(CONFIGURATIONS, "spark-defaults") == {}


def test_delta_is_there_where_it_is_enabled() -> None:
    assert uses_delta(CONFIGURATIONS)
    assert not uses_delta(CONFIGURATIONS[:2])
    assert not uses_delta([{"Classification": "delta-defaults", "Properties": {"delta.enabled": "false"}}])


def test_properties_are_written_so_that_java_reads_them_as_they_are() -> None:
    written = spark_defaults({"spark.b": "-Dx=y:z #1!", "spark.a": "\tline\nline \\ end\r"})
    assert written == "spark.a=\\tline\\nline\\ \\\\\\ end\\r\nspark.b=-Dx\\=y\\:z\\ \\#1\\!\n"


def test_variables_are_the_shells_as_on_emr_and_what_is_forced_comes_last(tmp_path: Path) -> None:
    script = tmp_path / "spark-env.sh"
    script.write_text(env_script({"A": "$HOME/x", "B": '"two words"', "C": "theirs"}, {"C": "$ours '1'"}))
    told = subprocess.run(
        ["bash", "-c", f'. {script}; echo "$A|$B|$C"'],
        env={"HOME": "/h"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "/h/x|two words|$ours '1'\n"


def test_a_site_file_keeps_what_xml_would_take_for_its_own() -> None:
    root = ET.fromstring(site_xml({"fs.x": "<a>&b", "fs.a": ""}))  # noqa: S314 - we wrote it
    pairs = [(pair.findtext("name"), pair.findtext("value")) for pair in root]
    assert pairs == [("fs.a", ""), ("fs.x", "<a>&b")]
