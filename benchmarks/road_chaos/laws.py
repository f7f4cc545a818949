"""What has to hold of a road when all is over."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from benchmarks.road_chaos.blows import COMPONENTS, Blow
from benchmarks.road_chaos.evidence import Evidence, Key, Version, doubled
from orchestrator.engine.records import OVER
from orchestrator.events.runs import uris
from orchestrator.ledger.documents import Outcome


def broken(found: Evidence, blows: Collection[Blow]) -> list[str]:
    """Name every law that was broken."""
    return [
        *_all_were_hit(blows),
        *_sent(found),
        *_delivered(found),
        *_each_object_once(found),
        *_counts(found),
        *_table(found),
        *_nothing_left(found),
    ]


def _all_were_hit(blows: Collection[Blow]) -> Iterator[str]:
    for component in COMPONENTS:
        if not any(blow.struck for blow in blows if blow.component == component):
            yield f"the {component} was never killed: {', '.join(map(str, blows))}"


def _sent(found: Evidence) -> Iterator[str]:
    for name, (acknowledged, to_send) in found.promised.items():
        if acknowledged != to_send:
            yield f"{name} has noted {acknowledged} messages as acknowledged, and had {to_send}"
    if len(found.sent) != found.unique:
        yield f"the stream has {len(found.sent)} keys, {found.unique} were to be sent"


def _delivered(found: Evidence) -> Iterator[str]:
    yield from _same("objects", found.sent, found.delivered)
    if found.not_transformed:
        yield f"not transformed: {', '.join(found.not_transformed)}"


def _each_object_once(found: Evidence) -> Iterator[str]:
    """Each object is in one batch that is done, and no batch is without an end."""
    done: Counter[str] = Counter()
    for number, batch in found.batches.items():
        closing = found.closings.get(number)
        if closing is None:
            yield f"batch {number} was never closed"
        elif closing.outcome is Outcome.DONE:
            done.update(uris(batch))
    for uri in sorted({*found.messages, *done}):
        if done[uri] != 1 or uri not in found.messages:
            yield f"{uri} was done {done[uri]} times"


def _counts(found: Evidence) -> Iterator[str]:
    """What manifests have read is what lay in the objects of their batches, and what they inserted is the table."""
    for number, batch in found.batches.items():
        closing = found.closings.get(number)
        if closing is None or closing.outcome is not Outcome.DONE:
            continue
        manifest = found.manifests.get(str(closing.run_id))
        held = sum(found.messages.get(uri, 0) for uri in uris(batch))
        if manifest is None:
            yield f"batch {number} is done, and its run {closing.run_id} has no manifest"
        elif manifest["rows"]["read"] != held:
            yield f"batch {number}: its manifest counts {manifest['rows']['read']} messages, its objects hold {held}"
        elif manifest["rows"]["accepted"] != held:
            yield f"batch {number}: real readings were refused: {manifest['rows']}"
    if found.inserted != len(found.table):
        yield f"runs say that they have inserted {found.inserted} rows, the table has {len(found.table)}"


def _table(found: Evidence) -> Iterator[str]:
    if twice := doubled(found.table):
        yield f"{len(twice)} keys are in the table more than once: {twice[:3]}"
    yield from _same("the table", found.sent, dict(found.table))
    if found.quarantined:
        yield f"{found.quarantined} messages are in quarantine, none is wrong"


def _nothing_left(found: Evidence) -> Iterator[str]:
    if found.leftovers:
        yield f"left behind: {', '.join(found.leftovers)}"
    if found.queued:
        yield f"{found.queued} messages are left in the queue"
    if found.put_aside:
        yield f"{len(found.put_aside)} messages were put aside: {found.put_aside[0][:200]}"
    for run in found.runs:
        if run.state not in OVER:
            yield f"run {run.plan.run_id} is {run.state}"
    for lease in found.leases:
        if lease.holder:
            yield f"{lease.table}: its lease is still {lease.holder}'s"


def _same(where: str, sent: Mapping[Key, Version], held: Mapping[Key, Version]) -> Iterator[str]:
    """Compare with what was sent, the newest version of each key."""
    if lost := sent.keys() - held.keys():
        yield f"{len(lost)} keys were sent, and are not in {where}: {sorted(lost)[:3]}"
    if more := held.keys() - sent.keys():
        yield f"{len(more)} keys are in {where}, and were not sent: {sorted(more)[:3]}"
    if wrong := [key for key, version in sent.items() if key in held and held[key] != version]:
        yield f"{len(wrong)} keys are in {where} with another version than the newest: {sorted(wrong)[:3]}"
