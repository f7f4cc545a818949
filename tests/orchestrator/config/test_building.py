"""Limits of what is built from a file."""

from typing import Any

import pytest

from orchestrator.config.building import MOST_FINDINGS, MOST_LEVELS, MOST_VALUES
from orchestrator.config.reading import read_bytes


def _told(text: str) -> tuple[Any, list[str]]:
    document = read_bytes("c.yaml", text.encode())
    return document.value, [str(each) for each in document.findings]


def _nested(levels: int) -> str:
    return "a: " + "[" * levels + "]" * levels


def test_as_many_levels_as_allowed_are_read_and_one_more_is_not() -> None:
    assert _told(_nested(MOST_LEVELS))[1] == []
    assert _told(_nested(MOST_LEVELS + 1)) == (
        {},
        ["c.yaml:1: ERROR: a[0][0]: nested too deeply; expected at most 50 levels"],
    )


def test_levels_count_through_aliases() -> None:
    half = "[" * 30 + "1" + "]" * 30
    assert "nested too deeply" in _told(f"a: &a {half}\nb: {'[' * 25}*a{']' * 25}")[1][0]


def test_as_many_values_as_allowed_are_read_and_one_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_VALUES == 50_000
    monkeypatch.setattr("orchestrator.config.building.MOST_VALUES", 500)
    fitting = 500 - 2  # the mapping, the list, then each item
    assert len(_told(f"a: [{'1,' * (fitting - 1)}]")[0]["a"]) == fitting - 1
    assert "too many values; expected at most 500 values" in _told(f"a: [{'1,' * fitting}]")[1][0]


def test_a_bomb_of_aliases_is_refused_before_it_is_built() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
    value, findings = _told(f"a0: &a0 [1]\n{levels}")
    assert value == {}
    assert "too many values; expected at most 50,000 values, where an alias counts" in findings[0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: &a [*a]", "c.yaml:1: ERROR: a[0]: the alias *a contains itself"),
        ("a: *b", "c.yaml:1: ERROR: a: the alias *b names no anchor before it"),
        ("a: 1\n---\nb: 2", "c.yaml:2: ERROR: a second document; expected one document in a file"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, finding: str) -> None:
    assert _told(text) == ({}, [finding])


def test_aliases_are_copies_with_lines_of_their_own() -> None:
    document = read_bytes("c.yaml", b"a: &x {n: [1]}\nb: *x\n")
    document.value["a"]["n"].append(2)
    assert document.value == {"a": {"n": [1, 2]}, "b": {"n": [1]}}
    assert document.lines == {
        (): 1,
        ("a",): 1,
        ("a", "n"): 1,
        ("a", "n", 0): 1,
        ("b",): 2,
        ("b", "n"): 2,
        ("b", "n", 0): 2,
    }


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = """%YAML 1.1
---
a: 1
a: {deep: 2}
1: number
? [list]
: value
<<: {b: 2}
x: .nan
y: !!str 5
"z": "\\u0000"
"""
    value, findings = _told(text)
    assert value == {"a": 1, "x": None, "y": 5, "z": None}
    assert findings == [
        "c.yaml:2: ERROR: a %YAML or %TAG directive; expected YAML 1.2 without directives",
        "c.yaml:4: ERROR: a: the key stands here again, first in line 3",
        "c.yaml:5: ERROR: a key is not a string, got 1; expected a string: quote it",
        "c.yaml:6: ERROR: a key is not a string, got ['list']; expected a string: quote it",
        (
            "c.yaml:8: ERROR: merge keys (`<<`) are not supported; expected the entries themselves, "
            "or our key `extends`"
        ),
        "c.yaml:9: ERROR: x: is not a finite number, got '.nan'; expected a value that JSON has",
        "c.yaml:10: ERROR: y: the tag tag:yaml.org,2002:str; expected a value without a tag",
        "c.yaml:11: ERROR: z: has a control character, U+0000, got '\\x00'; expected a value that JSON has",
    ]


def test_so_many_errors_are_told_and_then_that_there_are_more() -> None:
    findings = _told("a: 1\n" * (MOST_FINDINGS + 2))[1]
    assert len(findings) == MOST_FINDINGS + 1
    assert findings[-1] == "c.yaml:102: ERROR: more than 100 errors; the rest is not told"
