"""Documents: a batch tells what it has."""

from orchestrator.ledger.documents import Batch, Item
from tests.orchestrator.ledger.entries import NOW, event


def test_a_batch_tells_its_objects_and_their_size() -> None:
    objects = (event("a", size=3), event("b", size=4))
    batch = Batch(1, NOW, "n", tuple(Item(each, NOW) for each in objects))
    assert (batch.objects, batch.size) == (objects, 7)
