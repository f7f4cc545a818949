"""What a retry and a forget are about."""

import pytest

from orchestrator.ledger.acts import Selector, to_forget, to_retry
from orchestrator.ledger.documents import Act, Batch, Closing, Deed, Item, Outcome, Segment
from orchestrator.ledger.folding import Picture, fold
from tests.orchestrator.ledger.entries import NOW, event

A, B, C = event("x/a"), event("x/b"), event("y/c")


@pytest.fixture
def picture() -> Picture:
    """Give one in which A is dead, B runs, and C is pending."""
    made = Picture()
    dead = Batch(1, NOW, "b", (Item(A, NOW, 2),), 3)
    fold(made, [Segment(NOW, "s", (A, B, C))], [dead], [(1, Closing(Outcome.FAILED, NOW, "c", "why"))])
    fold(made, batches=[Batch(2, NOW, "b", (Item(B, NOW),))])
    return made


@pytest.mark.parametrize(
    ("selector", "retry", "forget"),
    [
        (Selector(), [A], [A, C]),
        (Selector(bucket="raw", prefix="x/"), [A], [A]),
        (Selector(bucket="other"), [], []),
        (Selector(prefix="y/"), [], [C]),
        (Selector(batch=1), [A], [A]),
        (Selector(batch=2), [], []),
    ],
)
def test_the_dead_are_retried_and_what_does_not_run_is_forgotten(
    picture: Picture, selector: Selector, retry: list[object], forget: list[object]
) -> None:
    assert list(to_retry(picture, selector)) == [Act(Deed.RETRY, each, 1) for each in retry]  # type: ignore[arg-type] # events
    assert [act.event for act in to_forget(picture, selector)] == forget
