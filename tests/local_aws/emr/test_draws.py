"""Draws from a seed."""

from local_aws.emr.draws import draw_for


def test_a_thing_draws_the_same_each_time_and_others_something_else() -> None:
    first = [draw_for("seed", "thing", 1).random() for _ in range(2)]
    assert first[0] == first[1]
    others = [draw_for("seed", "thing", 2), draw_for("other", "thing", 1), draw_for("seed", "thing")]
    assert len({first[0], *(other.random() for other in others)}) == 4
