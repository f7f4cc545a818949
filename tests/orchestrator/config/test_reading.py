"""Files of YAML and JSON, whatever is in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.reading import MOST_BYTES, read, read_bytes
from orchestrator.errors import UsageError
from orchestrator.findings import dotted_path

TEXT = """# A cluster.
Name: nightly
Instances:
  KeepJobFlowAliveWhenNoSteps: true
  InstanceFleets:
    - InstanceFleetType: MASTER
      TargetOnDemandCapacity: 1
on: yes
"""


def test_a_file_is_read_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(TEXT, encoding="utf-8")
    document = read(file)
    assert document.file == str(file)
    assert document.findings == ()
    assert document.value == {
        "Name": "nightly",
        "Instances": {
            "KeepJobFlowAliveWhenNoSteps": True,
            "InstanceFleets": [{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1}],
        },
        "on": "yes",
    }
    assert {dotted_path(path): line for path, line in document.lines.items()} == {
        "": 2,
        "Name": 2,
        "Instances": 3,
        "Instances.KeepJobFlowAliveWhenNoSteps": 4,
        "Instances.InstanceFleets": 5,
        "Instances.InstanceFleets[0]": 6,
        "Instances.InstanceFleets[0].InstanceFleetType": 6,
        "Instances.InstanceFleets[0].TargetOnDemandCapacity": 7,
        "on": 8,
    }


def test_the_line_of_what_is_not_written_is_that_of_what_is_around_it() -> None:
    document = read_bytes("c.yaml", TEXT.encode())
    assert document.line_of(("Instances", "InstanceFleets", 0, "Name")) == 6
    assert document.line_of(("Tags",)) == 2


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_read_by_the_same_reader(indent: int | str | None) -> None:
    meant = {"a": [1, 2.5, True, None, 'q"\t/\\', "😀"], "b": {"c": {}}, "d": [], "e f": "on"}
    for text in (json.dumps(meant, indent=indent), json.dumps(meant, indent=indent, ensure_ascii=False)):
        document = read_bytes("c.json", text.encode())
        assert (document.value, document.findings) == (meant, ())


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"\xff", "c.yaml:1: ERROR: the file is not UTF-8, got byte 0xff; expected UTF-8"),
        (b"a: 1\nb: \x00", "c.yaml:2: ERROR: a control character, got U+0000; expected printable text"),
        (
            b" " * (MOST_BYTES + 1),
            "c.yaml: ERROR: the file is larger than 1 MiB; expected a file of at most 1,048,576 bytes",
        ),
        (
            b"",
            (
                "c.yaml:1: ERROR: the file is not a mapping, got None; "
                "expected names and values, such as `Name: nightly`"
            ),
        ),
        (
            b"- a",
            (
                "c.yaml:1: ERROR: the file is not a mapping, got ['a']; "
                "expected names and values, such as `Name: nightly`"
            ),
        ),
        (
            b"a: 1\nb: [1",
            (
                "c.yaml:2: ERROR: not YAML: expected ',' or ']', but got '<stream end>' "
                "while parsing a flow sequence"
            ),
        ),
    ],
)
def test_an_unreadable_file_is_a_finding(content: bytes, finding: str) -> None:
    document = read_bytes("c.yaml", content)
    assert (document.value, [str(each) for each in document.findings]) == ({}, [finding])


def test_the_largest_file_is_read_and_a_byte_order_mark_does_no_harm() -> None:
    content = b"\xef\xbb\xbfa: 1\n"
    document = read_bytes("c.yaml", (content + b"#").ljust(MOST_BYTES, b"x"))
    assert (document.value, document.findings) == ({"a": 1}, ())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read: No such file or directory; expected"):
        read(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"[" * MOST_BYTES, b"a: b\n" * (MOST_BYTES // 5), b"&a [" * 200_000, b"- " * 500_000, b"? " * 500_000],
)
def test_hostile_files_are_refused_at_a_limit_and_not_at_their_end(content: bytes) -> None:
    (*_, last) = read_bytes("c.yaml", content).findings
    assert any(each in last.problem for each in ("nested too deeply", "more than 100 errors"))


_PIECES = st.sampled_from(
    [
        *"ab:-?[]{},#&*!|>'\"%@`~1. \n\t\r",
        *(
            "\n\n",
            "\n  ",
            ": ",
            "- ",
            "---",
            "...",
            "<<",
            "&a",
            "*a",
            "!!int",
            "\\u0000",
            "\\x",
            "0x1",
            ".nan",
        ),
        *("\ufeff", "\u2028", "\x85", "\U0001f600"),
    ]
)


@given(
    st.one_of(st.binary(max_size=80), st.lists(_PIECES, max_size=25).map(lambda all_: "".join(all_).encode()))
)
@settings(max_examples=400)
def test_any_bytes_give_a_document(content: bytes) -> None:
    document = read_bytes("c.yaml", content)
    assert isinstance(document.value, dict)
    assert document.line_of(()) is not None
    json.dumps(document.value, allow_nan=False).encode()
    assert document.findings or document.lines.keys() == set(_paths(document.value, ()))


def _paths(value: object, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path, *(each for key, below in entries for each in _paths(below, (*path, key)))]
