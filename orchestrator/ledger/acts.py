"""What a person may do about objects: which of them it is about. Each deed is a new entry, never an edit."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.documents import Act, Deed
from orchestrator.ledger.folding import Picture


@dataclass(frozen=True)
class Selector:
    """Which objects: those of a bucket, below a prefix, and of a batch; what is left open selects all."""

    bucket: str | None = None
    prefix: str = ""
    batch: int | None = None

    def takes(self, event: ObjectEvent, batch: int | None) -> bool:
        """Tell whether an object, last taken by that batch, is selected."""
        return (
            self.bucket in {None, event.bucket}
            and event.key.startswith(self.prefix)
            and self.batch in {None, batch}
        )


def to_retry(picture: Picture, selector: Selector) -> Iterator[Act]:
    """Return the deeds that let what is dead be taken again."""
    for standing in picture.standings.values():
        take = standing.take
        if take is not None and standing.is_dead and selector.takes(take.event, take.batch):
            yield Act(Deed.RETRY, take.event, take.batch)


def to_forget(picture: Picture, selector: Selector) -> Iterator[Act]:
    """Return the deeds that let nothing be done about what is dead or pending; what runs, runs on."""
    for standing in picture.standings.values():
        take = standing.take
        if standing.is_running:
            continue
        event = take.event if take is not None and standing.is_dead else standing.pending
        if event is not None and selector.takes(event, None if take is None else take.batch):
            yield Act(Deed.FORGET, event)
