"""The order of things, and the clock that they move."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.agenda import Agenda


def test_time_moves_from_one_thing_to_the_next() -> None:
    agenda, seen = Agenda(now=1000), list[tuple[str, int]]()

    def first() -> None:
        seen.append(("first", agenda.now))
        agenda.after(5, lambda: seen.append(("entered meanwhile", agenda.now)))
        agenda.after(-3, lambda: seen.append(("at once", agenda.now)))

    agenda.after(20, lambda: seen.append(("last", agenda.now)))
    agenda.after(10, first)
    agenda.advance(1015)
    assert seen == [("first", 1010), ("at once", 1010), ("entered meanwhile", 1015)]
    assert agenda.now == 1015
    agenda.advance(900)
    assert agenda.now == 1015
    agenda.advance(3000)
    assert seen[-1] == ("last", 1020)
    assert agenda.now == 3000


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 10)))
def test_things_of_one_instant_keep_the_order_in_which_they_were_entered(
    delays: list[int], stops: list[int]
) -> None:
    agenda, seen = Agenda(now=0), list[tuple[int, int]]()
    for number, delay in enumerate(delays):
        agenda.after(delay, partial(seen.append, (delay, number)))
    for stop in sorted(stops):
        agenda.advance(stop)
    agenda.advance(10)
    assert seen == sorted((delay, number) for number, delay in enumerate(delays))
