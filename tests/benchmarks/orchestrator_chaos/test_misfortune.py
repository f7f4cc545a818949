"""A share of the runs that meet misfortune, and of those half of whose calls fail."""

from collections import Counter

from benchmarks.orchestrator_chaos.misfortune import KINDS, Ends, half_failing, spot


def test_every_run_ends_by_its_deadline_done_or_with_a_failure_by_name() -> None:
    ends = Ends()
    spot(4 * len(KINDS), 3, ends)
    assert ends.broken == []
    by_kind: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, end in ends.runs:
        by_kind[kind].add(end)
    assert by_kind["nothing"] == by_kind["no spot, switch to on-demand"] == {"succeeded"}
    assert by_kind["bootstrap fails once"] == by_kind["launch refused by EC2"] == {"succeeded"}
    assert by_kind["no capacity at all"] == {"failed: INTERNAL_ERROR"}
    assert by_kind["bootstrap always fails"] == {"failed: BOOTSTRAP_FAILURE"}
    assert by_kind["launch fails for good"] == {"failed: VALIDATION_ERROR"}
    assert by_kind["step runs for ever"] == {"failed: TIME_LIMIT"}
    assert "failed: INSTANCE_FLEET_TIMEOUT" in by_kind["no spot, terminate"]


def test_runs_succeed_though_half_of_all_calls_fail_and_pass_no_bucket() -> None:
    ends = Ends()
    half_failing(150, 3, ends)
    assert ends.broken == []
    assert ends.runs == Counter({("half of all calls fail", "succeeded"): 150})
    assert ends.struck > 150 * 10


def test_what_happened_is_told() -> None:
    ends = Ends(Counter({("nothing", "succeeded"): 3}), [("nothing 1/1", "a law")])
    assert ends.lines() == [
        f"{'nothing':32}       3 succeeded",
        "3 runs, 0 faults of calls; 1 broke a law or had no end",
    ]
