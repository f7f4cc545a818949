"""What must hold when all have come to their end, whatever has happened on the way."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from benchmarks.orchestrator_chaos.stage import Actor
from local_aws.emr.emulator import Emr
from orchestrator.engine import records
from orchestrator.engine.deeds import ENDED
from orchestrator.engine.leases import Lease
from orchestrator.engine.once import Claim
from orchestrator.engine.records import RunRecord
from orchestrator.identity import token_of
from orchestrator.plans import ClusterKind


class Objects(Protocol):
    """A bucket, whole."""

    @property
    def objects(self) -> dict[str, bytes]:
        """Return its objects by their keys."""


class Account(Protocol):
    """Where all have been: a simulation, or an embedded AWS that real processes talked to."""

    @property
    def emr(self) -> Emr:
        """Return its EMR."""

    @property
    def s3(self) -> Objects:
        """Return the bucket with the state."""


def broken(simulation: Account, actors: Sequence[Actor]) -> list[str]:
    """Name the laws that do not hold."""
    return [
        *errors(actors),
        *_doubles(simulation),
        *orphans(simulation),
        *_writers_at_once(simulation),
        *_out_of_order(simulation),
        *_after_the_end(simulation),
        *_leases_of_the_dead(simulation),
    ]


def errors(actors: Sequence[Actor]) -> Iterator[str]:
    """Nobody ends with an error."""
    for actor in actors:
        if actor.error is not None:
            yield f"{actor.name} ended with {type(actor.error).__name__}: {actor.error}"


def _doubles(simulation: Account) -> Iterator[str]:
    """No cluster and no step is there twice."""
    clusters = simulation.emr.world.clusters.values()
    names = [str(cluster.request["Name"]) for cluster in clusters]
    names += [str(step.config["Name"]) for cluster in clusters for step in cluster.steps]
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{count} times there: {name}"


def orphans(simulation: Account) -> Iterator[str]:
    """Each cluster that lives is recorded by the claim of its token."""
    for cluster in simulation.emr.world.clusters.values():
        token = token_of(str(cluster.request["Name"]))
        if token is None or cluster.status.state in ENDED:
            continue
        body = simulation.s3.objects.get(f"_state/calls/{token}.json")
        claim = msgspec.json.decode(body, type=Claim) if body else None
        if claim is None or claim.id != cluster.id:
            yield f"lives, and nobody knows: {cluster.id} {cluster.request['Name']}"


def records_of(simulation: Account) -> list[RunRecord]:
    """Read the records of all runs."""
    found = simulation.s3.objects.items()
    return [
        msgspec.json.decode(body, type=RunRecord) for key, body in found if key.startswith("_state/runs/")
    ]


@dataclass(frozen=True)
class Overlap:
    """Two steps that write one table at the same time; `is_of_one_job` where they are the same job of the same run."""

    table: str
    first: str
    second: str
    is_of_one_job: bool

    def __str__(self) -> str:
        """Tell it."""
        return f"{self.table}: written at once by {self.first} and {self.second}"


def overlaps(simulation: Account) -> Iterator[Overlap]:
    """Find the steps that write a table while another one does."""
    tables = {job.base: job.output for record in records_of(simulation) for job in record.plan.jobs}
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for cluster in simulation.emr.world.clusters.values():
        for step in cluster.steps:
            token = token_of(str(step.config["Name"]))
            began, ended = step.status.started_at, step.status.ended_at
            if token is not None and token.base in tables and began is not None:
                end = simulation.emr.world.now if ended is None else ended
                spans[tables[token.base]].append((began, end, str(step.config["Name"])))
    for table, written in spans.items():
        for (_, ended_at, first), (began_at, _, second) in itertools.combinations(sorted(written), 2):
            if began_at < ended_at:
                one, other = token_of(first), token_of(second)
                is_of_one_job = one is not None and other is not None and one.base == other.base
                yield Overlap(table, first, second, is_of_one_job)


def _writers_at_once(simulation: Account) -> Iterator[str]:
    """No two steps write one table at the same time."""
    return map(str, overlaps(simulation))


def _out_of_order(simulation: Account) -> Iterator[str]:
    """No step begins before those that it follows have been completed."""
    ended: dict[str, int] = {}
    began: dict[str, int] = {}
    for cluster in simulation.emr.world.clusters.values():
        for step in cluster.steps:
            token, status = token_of(str(step.config["Name"])), step.status
            if token is not None and status.state == "COMPLETED" and status.ended_at is not None:
                ended[token.base] = min(ended.get(token.base, status.ended_at), status.ended_at)
            if token is not None and status.started_at is not None:
                began[token.base] = min(began.get(token.base, status.started_at), status.started_at)
    for record in records_of(simulation):
        bases = {job.name: job.base for job in record.plan.jobs}
        for job in record.plan.jobs:
            for name in job.follows:
                if job.base in began and not ended.get(bases[name], began[job.base] + 1) <= began[job.base]:
                    yield f"{record.run_id}: {job.name} began before {name} was done"


def _after_the_end(simulation: Account) -> Iterator[str]:
    """Nothing of a run begins after the run is over; a long-running cluster is no run's."""
    for record in records_of(simulation):
        bases = {job.base for job in record.plan.jobs}
        if record.plan.cluster.kind is ClusterKind.OWN:
            bases.add(str(record.plan.cluster.base))
        for name, created_at in _begun(simulation):
            token = token_of(name)
            is_late = record.ended_at is not None and created_at > record.ended_at * 1000
            if token is not None and token.base in bases and is_late:
                yield f"{record.run_id}: {name} began after the run had {record.state}"


def _leases_of_the_dead(simulation: Account) -> Iterator[str]:
    """No run that is over holds a table."""
    over = {record.run_id for record in records_of(simulation) if record.state in records.OVER}
    for key, body in simulation.s3.objects.items():
        if key.startswith("_state/leases/"):
            lease = msgspec.json.decode(body, type=Lease)
            if lease.holder in over:
                yield f"{lease.table}: held by {lease.holder}, which is over"


def _begun(simulation: Account) -> Iterator[tuple[str, int]]:
    for cluster in simulation.emr.world.clusters.values():
        yield str(cluster.request["Name"]), cluster.status.created_at
        for step in cluster.steps:
            yield str(step.config["Name"]), step.status.created_at
