from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.pipeline_rules.order import cycles, forerunners, order_problems, ordered
from tests.orchestrator.config.pipeline_rules.pipelines import jobs


def told(*names: str, **changes: dict[str, Any]) -> list[tuple[Any, ...]]:
    made = jobs(**changes)
    found = order_problems(made, names or tuple(made))
    return [(each.path[1:], each.problem, each.value, each.expected) for each in found]


def test_each_job_comes_after_those_it_follows_and_else_as_written() -> None:
    assert ordered({"d": ["b"], "c": [], "b": ["a"], "a": []}) == ["c", "a", "b", "d"]
    assert ordered({"c": [], "b": [], "a": []}) == ["c", "b", "a"]


def test_a_chain_has_no_problem() -> None:
    refer = {"arguments": ("${jobs.a.manifest}", "x=${jobs.b.output}")}
    assert told(c={"follows": ("b",), **refer}, a={}, b={"follows": ("a",)}) == []


IN_ORDER = "an order in which each job can run"


@pytest.mark.parametrize(
    ("follows", "cycle"),
    [
        ({"a": ("a",)}, "a follows a"),
        ({"a": ("b",), "b": ("a",)}, "a follows b follows a"),
        ({"z": ("a",), "a": ("b",), "b": ("c",), "c": ("a",)}, "a follows b follows c follows a"),
    ],
)
def test_a_cycle_is_named_in_full_from_the_job_that_is_written_first(
    follows: dict[str, tuple[str, ...]], cycle: str
) -> None:
    problems = told(**{name: {"follows": before} for name, before in follows.items()})
    assert problems == [((cycle[0], "follows"), f"jobs wait for each other: {cycle}", None, IN_ORDER)]


def test_two_cycles_are_both_named() -> None:
    assert cycles({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}) == [["a", "b", "a"], ["c", "d", "c"]]


def test_of_very_many_cycles_ten_are_named() -> None:
    assert len(cycles({str(at): [str(at)] for at in range(50)})) == 10


def test_a_name_that_is_not_there_is_told_with_what_was_meant() -> None:
    assert told(readings={}, hourly={"follows": ("reading", "x\ny", "readings", "readings")}) == [
        (
            ("hourly", "follows", 0),
            "there is no job reading; did you mean readings?",
            None,
            "one of hourly, readings",
        ),
        (("hourly", "follows", 1), "there is no job 'x\\ny'", None, "one of hourly, readings"),
        (("hourly", "follows", 3), "follows the same job again", "'readings'", "each job once"),
    ]


def test_a_job_with_faults_of_its_own_is_there_all_the_same() -> None:
    assert told("a", "broken", a={"follows": ("broken",), "inputs": ("${jobs.broken.quarantine}",)}) == []


@pytest.mark.parametrize(
    ("text", "problem", "expected"),
    [
        ("${jobs.b.output}", "asks a job that it does not follow", "follows: [b]"),
        ("${jobs.c.output}", "asks a job that it does not follow", "follows: [c]"),
        ("${jobs.beta.output}", "there is no such job", "one of a, b, c"),
        ("${jobs.a.quarantine}", "the job has no quarantine", "a job with one, or the key quarantine of a"),
        *(
            (
                text,
                "asks a job for what it has not",
                "${jobs.<name>.output}, .manifest or .quarantine",
            )
            for text in ("${jobs.a.outptu}", "${jobs.a}", "${ jobs.a.output}", "${jobs.a.output")
        ),
    ],
)
def test_what_is_asked_of_another_job_has_to_be_there(text: str, problem: str, expected: str) -> None:
    problems = told(a={}, b={}, c={"follows": ("a",), "arguments": ("--x", f"--y={text}")})
    assert problems == [(("c", "arguments", 1), problem, repr(text), expected)]


NAMES = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4), max_size=6)


@settings(max_examples=200, deadline=None)
@given(GRAPHS)
def test_any_graph_has_an_order_or_a_cycle_that_is_one(graph: dict[str, list[str]]) -> None:
    found, order = cycles(graph), ordered(graph)
    assert sorted(order) == sorted(graph)
    for cycle in found:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(before in graph[name] for name, before in pairwise(cycle))
    if not found:
        for at, name in enumerate(order):
            assert set(graph[name]) & set(graph) <= set(order[:at])
            assert forerunners(name, graph) & set(graph) <= set(order[:at])
    # A cycle is there exactly where a job is among those that it comes after.
    assert bool(found) == any(name in forerunners(name, graph) for name in graph)
