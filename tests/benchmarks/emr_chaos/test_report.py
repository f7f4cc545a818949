"""Lines to read."""

from benchmarks.emr_chaos.report import lines
from benchmarks.emr_chaos.search import Tally, play


def test_calls_outcomes_states_and_transitions_are_counted_those_never_reached_too() -> None:
    tally = Tally()
    assert play("", [("terminate", 0), ("terminate", 9)], tally) is None
    told = list(lines(tally))
    assert told[0].split()[:5] == ["call", "or", "fault", "done", "refused"]
    assert [line.split() for line in told if line.startswith("terminate")] == [
        ["terminate", "2", "0", "0", "0", "0", "0"]
    ]
    cluster = next(line for line in told if line.startswith("cluster: "))
    assert cluster.startswith("cluster: 5 of 7 states, 5 of 12 transitions; STARTING to BOOTSTRAPPING 1, ")
    assert "RUNNING to TERMINATING 1" in cluster
    assert "WAITING to RUNNING 0" in cluster
