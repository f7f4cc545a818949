from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.pipeline_rules.places import is_pinnable, place_problems
from tests.orchestrator.config.pipeline_rules.pipelines import jobs

TABLE = "s3://bucket/folder: what lasts lies on S3; HDFS goes with the cluster, a local path with the node"
SOURCE = "s3://bucket/folder/, hdfs:///folder or ${jobs.<name>.output}"
ALONE = "a folder that no other job or key has"


def told(**changes: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = place_problems(jobs(**changes))
    return [(each.path[1:], each.problem, each.value, each.expected) for each in found]


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("clean/a", "not a place on S3"),
        ("/clean/a", "not a place on S3"),
        ("file:///clean/a", "not a place on S3"),
        ("hdfs:///clean/a", "not a place on S3"),
        ("s3a://lake/a", "not a place on S3"),
        ("s3://Lake/a", "not a place on S3"),
        ("s3://la/a", "not a place on S3"),
        ("s3://lake", "a whole bucket"),
        ("s3://lake/", "a whole bucket"),
        ("s3://lake/_state/a", "the orchestrator's own folder"),
        ("s3://lake/artifacts", "the orchestrator's own folder"),
        ("s3://lake/a//b", "an empty part, '.' or '..' in a place"),
        ("s3://lake/a/../b", "an empty part, '.' or '..' in a place"),
        ("s3://lake/./b", "an empty part, '.' or '..' in a place"),
        ("s3://lake/a*", "a wildcard or a variable without a value in a place"),
        ("s3://lake/{a,b}", "a wildcard or a variable without a value in a place"),
        ("s3://lake/${JAVA_HOME}", "a wildcard or a variable without a value in a place"),
        ("s3://lake/a", None),
        ("s3://lake/a/b c/ü/", None),
        ("s3://lake/_states/a", None),
    ],
)
@pytest.mark.parametrize("key", ["output", "quarantine"])
def test_what_lasts_lies_on_s3_in_a_folder(key: str, uri: str, problem: str | None) -> None:
    expected = [] if problem is None else [(("z", key), problem, repr(uri), TABLE)]
    assert told(z={key: uri}) == expected


@pytest.mark.parametrize(
    ("text", "is_pinned", "problem"),
    [
        ("s3://lake/raw/", True, None),
        ("s3://raw", True, None),
        ("hdfs:///raw", False, None),
        ("hdfs://node:8020/raw", False, None),
        ("hdfs:///raw", True, "inputs on HDFS cannot be pinned: say pin_inputs: false"),
        ("/raw", True, "not a place to read from"),
        ("--output=x", True, "not a place to read from"),
        ("s3://lake/raw/*.gz", True, "a wildcard or a variable without a value in a place"),
        ("s3://lake/raw/..", True, "an empty part, '.' or '..' in a place"),
    ],
)
def test_inputs_lie_on_s3_or_on_hdfs(text: str, is_pinned: bool, problem: str | None) -> None:
    expected = [] if problem is None else [(("z", "inputs", 0), problem, repr(text), SOURCE)]
    assert told(z={"inputs": (text,), "pin_inputs": is_pinned}) == expected


def test_two_tables_never_share_a_place_nor_lie_in_each_other() -> None:
    problems = told(
        a={"output": "s3://lake/t", "quarantine": "s3://lake/t/q"},
        b={"output": "s3://lake/t/"},
        c={"output": "s3://lake/t-2", "quarantine": "s3://lake/t2"},
    )
    assert problems == [
        (("b", "output"), "is jobs.a.output", "'s3://lake/t'", ALONE),
        (("a", "quarantine"), "lies within jobs.b.output", "'s3://lake/t/q'", ALONE),
    ]


@pytest.mark.parametrize(
    "text", ["s3://lake/", "s3://lake", "s3://lake/z", "s3://lake/z/event_date=2024-01-01"]
)
def test_a_job_does_not_read_what_it_writes(text: str) -> None:
    expected = "inputs apart from what the job writes"
    assert told(z={"inputs": (text,)}) == [
        (("z", "inputs", 0), "lies in its own output, or around it", repr(text), expected)
    ]


def test_what_another_job_writes_is_read_by_its_name() -> None:
    problems = told(
        a={"quarantine": "s3://lake/q"}, z={"inputs": ("s3://lake/a/", "s3://lake/q/x", "s3://lake/aa")}
    )
    assert problems == [
        (
            ("z", "inputs", at),
            "is what the job a writes",
            repr(text),
            f"${{jobs.a.{key}}}, and follows: [a]",
        )
        for at, (text, key) in enumerate([("s3://lake/a/", "output"), ("s3://lake/q/x", "quarantine")])
    ]


def test_what_another_job_writes_is_read_whole_and_not_pinned() -> None:
    whole, part = "${jobs.a.output}", "${jobs.a.output}/x"
    pinned = "what another job writes cannot be pinned: its run has not been yet"
    assert told(a={}, z={"inputs": (whole,)}) == []
    assert told(a={}, z={"inputs": (whole, part), "pin_inputs": True}) == [
        (("z", "inputs", 0), pinned, repr(whole), "pin_inputs: false, or the key left out"),
        (("z", "inputs", 1), "more than another job's place", repr(part), "${jobs.<name>.output} alone"),
    ]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (["s3://lake/raw/"], True),
        (["s3://lake/raw/", "hdfs:///x"], False),
        (["${jobs.a.output}"], False),
        (["s3://lake/raw/", "${jobs.a.output}"], False),
    ],
)
def test_inputs_on_s3_of_no_other_job_are_pinned_by_default(inputs: list[str], expected: bool) -> None:
    assert is_pinnable(inputs) is expected


URIS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(
    lambda parts: "s3://lake/" + "/".join(parts)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(URIS, max_size=6), URIS)
def test_places_in_each_other_are_found_exactly_where_there_are_any(outputs: list[str], source: str) -> None:
    made = {f"j{at}": {"output": uri, "inputs": ("s3://other/",)} for at, uri in enumerate(outputs)}
    nested = any(
        f"{one}/".startswith(f"{other}/")
        for at, one in enumerate(outputs)
        for place, other in enumerate(outputs)
        if at != place
    )
    assert bool(told(**made)) == nested
    reader = {"output": "s3://elsewhere/x", "inputs": (source,)}
    touching = any(
        f"{one}/".startswith(f"{source}/") or f"{source}/".startswith(f"{one}/") for one in outputs
    )
    assert any(path[1] == "inputs" for path, *_ in told(**made, reader=reader)) == touching
