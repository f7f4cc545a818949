"""`s3-dist-cp` as DistCp."""

import re
from pathlib import Path

import pytest

from local_aws.hadoop.dist_cp import DistCp, parse
from local_aws.running.spark_command import CannotRunError


def test_what_is_in_a_folder_comes_into_another(tmp_path: Path) -> None:
    copy = parse(["--src", "s3://b/x", "--dest=hdfs:///y"])
    assert copy.words(tmp_path / "filters") == [
        "org.apache.hadoop.tools.DistCp",
        "-Dmapreduce.framework.name=local",
        "-overwrite",
        "s3://b/x",
        "hdfs:///y",
    ]
    assert not (tmp_path / "filters").exists()


def test_a_pattern_leaves_out_what_does_not_match_it(tmp_path: Path) -> None:
    filters = tmp_path / "filters"
    words = parse(["--src=/x", "--dest=/y", "--srcPattern=.*\\.gz"]).words(filters)
    assert words[3:5] == ["-filters", str(filters)]
    is_left_out = re.compile(filters.read_text().strip()).fullmatch
    assert not is_left_out("s3://b/x/a.gz")
    assert is_left_out("s3://b/x/a.gz.tmp")


def test_a_pattern_of_alternatives_is_one_pattern(tmp_path: Path) -> None:
    filters = tmp_path / "filters"
    parse(["--src=/x", "--dest=/y", "--srcPattern=.*\\.gz|.*\\.csv"]).words(filters)
    is_left_out = re.compile(filters.read_text().strip()).fullmatch
    assert not is_left_out("s3://b/x/a.gz")
    assert not is_left_out("s3://b/x/a.csv")
    assert is_left_out("s3://b/x/a.gz.tmp")


def test_what_only_says_how_is_taken_without_effect() -> None:
    arguments = ["--src=/x", "--numberFiles", "--multipartUploadChunkSize", "64", "--dest=/y"]
    assert parse(arguments) == DistCp("/x", "/y")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--src=/x", "--dest=/y", "--groupBy=(.*)"],
            "expected --src, --dest, --srcPattern, .* got --groupBy",
        ),
        (["--src=/x", "--dest=/y", "--deleteOnSuccess"], "got --deleteOnSuccess; copy without it"),
        (["--src=/x"], "expected --dest and a place, got none"),
        (["--dest=/x", "--src"], "expected a value after --src, got none"),
        (["--src=/x", "--dest=/y", "--srcPattern=("], "expected a regular expression, got '\\('"),
    ],
)
def test_what_has_no_counterpart_is_refused(arguments: list[str], words: str) -> None:
    with pytest.raises(CannotRunError, match=words):
        parse(arguments)
