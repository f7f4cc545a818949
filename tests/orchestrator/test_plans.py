"""Plans as documents: they come back as they were written, and what no plan is is refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import UsageError
from orchestrator.identity import Token, named, token_of
from orchestrator.plans import (
    ClusterKind,
    Plan,
    PlannedCluster,
    PlannedJob,
    Upload,
    decode,
    encode,
    ready,
    remaining,
    request_of,
    step_of,
)

HEX = st.text("0123456789abcdef", min_size=20, max_size=20)
RUN = HEX.map("r{}".format)
TEXT = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
STEPS = st.builds(
    lambda name, rest: {**rest, "Name": name},
    st.from_regex("[a-z]{1,9}", fullmatch=True),
    st.dictionaries(TEXT, JSON, max_size=2),
)
JOBS = st.builds(
    PlannedJob,
    name=TEXT,
    run_id=RUN,
    base=HEX,
    step=STEPS,
    output=TEXT,
    manifest=TEXT,
    follows=st.lists(TEXT, max_size=2),
    retries=st.integers(0, 10),
    time_limit_s=st.floats(1, 1e6),
)
CLUSTERS = st.builds(
    PlannedCluster, kind=st.just(ClusterKind.GIVEN), why=TEXT, id=st.just("j-1")
) | st.builds(
    PlannedCluster,
    kind=st.sampled_from([ClusterKind.SHARED, ClusterKind.OWN]),
    why=TEXT,
    base=HEX,
    number=st.integers(1, 99),
    request=STEPS,
)
UPLOADS = st.builds(Upload, uri=TEXT, sha256=HEX, path=st.none() | TEXT, text=st.none() | TEXT)
PLANS = st.builds(
    Plan,
    name=TEXT,
    run_id=RUN,
    key=TEXT,
    bucket=TEXT,
    cluster=CLUSTERS,
    jobs=st.lists(JOBS, min_size=1, max_size=2),
    uploads=st.lists(UPLOADS, max_size=2),
    warnings=st.lists(TEXT, max_size=2),
)


def job(name: str, *follows: str) -> PlannedJob:
    step = {"Name": name, "HadoopJarStep": {"Jar": "x.jar", "Args": ["a", "b"]}}
    base = (name * 20)[:20].translate(str.maketrans("ghijklmnopqrstuvwxyz", "0" * 20))
    return PlannedJob(
        name=name, run_id="r1", base=base, step=step, output="o", manifest="m", follows=[*follows]
    )


def plan(**changes: Any) -> Plan:
    cluster = PlannedCluster(kind=ClusterKind.SHARED, why="", base="c" * 20, request={"Name": "long"})
    told: dict[str, Any] = {"name": "n", "run_id": "r1", "key": "", "bucket": "b", "cluster": cluster}
    return Plan(**{**told, **changes})


@settings(max_examples=60)
@given(PLANS)
def test_a_plan_comes_back_as_it_was_written(made: Plan) -> None:
    body = encode(made)
    assert decode("plan.json", body) == made
    assert encode(decode("plan.json", body)) == body
    assert json.loads(body) == msgspec.to_builtins(made)


def test_a_plan_of_no_jobs_is_the_launch_of_a_long_running_cluster() -> None:
    assert decode("plan.json", encode(plan())) == plan()


GIVEN = PlannedCluster(kind=ClusterKind.GIVEN, why="", id="j-1")
OWN = PlannedCluster(kind=ClusterKind.OWN, why="", base="c" * 20, request={"Name": "x"})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "expected what `orchestrator plan --out` writes, got Input data was truncated; plan again"),
        (b"[]", "got Expected `object`, got `array`; plan again"),
        (b'{"run_id": 3}', "Expected `str`, got `int` - at `$.run_id`; plan again"),
        (encode(plan(format=2)), "expected a plan of format 1, got 2; plan again"),
        (encode(plan(run_id="../r")), "got the run id '../r'; plan again"),
        (encode(plan(jobs=[msgspec.structs.replace(job("a"), run_id="r/1")])), "got the run id 'r/1'"),
        (encode(plan(jobs=[msgspec.structs.replace(job("a"), base="A")])), "got the base 'A' of a token"),
        (encode(plan(jobs=[msgspec.structs.replace(job("a"), step={})])), "got a step of a without a Name"),
        (encode(plan(cluster=GIVEN)), "got a named cluster without an id, or without jobs"),
        (
            encode(plan(cluster=msgspec.structs.replace(GIVEN, id=None), jobs=[job("a")])),
            "got a named cluster without an id, or without jobs",
        ),
        (
            encode(plan(cluster=msgspec.structs.replace(OWN, base=None))),
            "got a cluster (own) without base, request or Name",
        ),
        (
            encode(plan(cluster=msgspec.structs.replace(OWN, request=None))),
            "got a cluster (own) without base, request or Name",
        ),
        (
            encode(plan(cluster=msgspec.structs.replace(OWN, request={"Name": 3}))),
            "got a cluster (own) without base, request or Name",
        ),
    ],
)
def test_what_is_no_plan_is_refused(body: bytes, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        decode("plan.json", body)
    assert str(raised.value).startswith("plan.json: expected ")
    assert text in str(raised.value)


def test_a_step_carries_the_token_of_its_attempt() -> None:
    one = job("abc")
    assert step_of(one, 2) == {**one.step, "Name": named("abc", Token(one.base, 2))}
    assert one.step["Name"] == "abc"


@pytest.mark.parametrize("number", [1, 2, 17])
def test_the_request_of_the_plans_number_is_the_plans_own(number: int) -> None:
    jobs = [job("a"), job("b", "a")]
    first = PlannedCluster(
        kind=ClusterKind.OWN,
        why="",
        base="c" * 20,
        number=number,
        request={
            "Name": named("own", Token("c" * 20, number)),
            "Steps": [step_of(each, number) for each in jobs],
        },
    )
    assert msgspec.json.encode(request_of(first, jobs, number)) == msgspec.json.encode(first.request)
    later = request_of(first, jobs[1:], number + 1)
    assert token_of(later["Name"]) == Token("c" * 20, number + 1)
    assert later["Steps"] == [step_of(jobs[1], number + 1)]
    assert (first.request or {})["Steps"] == [step_of(each, number) for each in jobs]


@pytest.mark.parametrize(
    ("states", "names"),
    [
        ({}, ["a"]),
        ({"a": False}, []),
        ({"a": True}, ["b", "c"]),
        ({"a": True, "b": False}, ["c"]),
        ({"a": True, "b": True, "c": False}, []),
        ({"a": True, "b": True, "c": True}, ["d"]),
        ({"a": True, "b": True, "c": True, "d": True}, []),
    ],
)
def test_a_job_is_ready_when_all_that_it_follows_are_done(states: dict[str, bool], names: list[str]) -> None:
    jobs = [job("a"), job("b", "a"), job("c", "a"), job("d", "b", "c")]
    assert [each.name for each in ready(jobs, states)] == names


def test_what_is_done_is_not_left() -> None:
    jobs = [job("a"), job("b"), job("c")]
    assert [each.name for each in remaining(jobs, {"b"})] == ["a", "c"]
