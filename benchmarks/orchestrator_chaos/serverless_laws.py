"""What must hold of applications and job runs when all have come to their end, whatever has happened on the way."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Protocol

import msgspec

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.laws import records_of
from local_aws.serverless.emulator import Serverless
from local_aws.serverless.entities import JobRun
from orchestrator.engine.once import Claim
from orchestrator.identity import Token, token_of


class Account(laws.Account, Protocol):
    """Where all have been, with EMR Serverless or without."""

    @property
    def serverless(self) -> Serverless | None:
        """Return its EMR Serverless."""


def broken(simulation: Account) -> list[str]:
    """Name the laws that do not hold; none where there is no EMR Serverless."""
    if simulation.serverless is None:
        return []
    return [
        *_doubles(simulation.serverless),
        *_unknown(simulation, simulation.serverless),
        *_writers_at_once(simulation, simulation.serverless),
        *_out_of_order(simulation, simulation.serverless),
        *_after_the_end(simulation, simulation.serverless),
    ]


def _doubles(serverless: Serverless) -> Iterator[str]:
    """No application and no job run is there twice."""
    for name, count in Counter(name for name, _ in _things(serverless)).items():
        if count > 1:
            yield f"{count} times there: {name}"


def _unknown(simulation: Account, serverless: Serverless) -> Iterator[str]:
    """Whatever was begun is recorded by the claim of its token."""
    for name, id_ in _things(serverless):
        body = simulation.s3.objects.get(f"_state/calls/{token_of(name)}.json")
        claim = msgspec.json.decode(body, type=Claim) if body else None
        if claim is None or claim.id != id_:
            yield f"there, and nobody knows: {id_} {name}"


def _writers_at_once(simulation: Account, serverless: Serverless) -> Iterator[str]:
    """No two job runs write one table at the same time."""
    tables = {job.base: job.output for record in records_of(simulation) for job in record.plan.jobs}
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for one in serverless.service.account.job_runs.values():
        token = _token(one)
        if token.base in tables and one.started_at is not None:
            ended_at = serverless.world.now if one.ended_at is None else one.ended_at
            spans[tables[token.base]].append((one.started_at, ended_at, one.id))
    for table, written in spans.items():
        for (_, ended_at, first), (began_at, _, second) in itertools.combinations(sorted(written), 2):
            if began_at < ended_at:
                yield f"{table}: written at once by {first} and {second}"


def _out_of_order(simulation: Account, serverless: Serverless) -> Iterator[str]:
    """No job run is begun before those of the jobs that it follows have succeeded."""
    succeeded: dict[str, int] = {}
    begun: dict[str, int] = {}
    for one in serverless.service.account.job_runs.values():
        base = _token(one).base
        begun[base] = min(begun.get(base, one.created_at), one.created_at)
        if one.state == "SUCCESS" and one.ended_at is not None:
            succeeded[base] = min(succeeded.get(base, one.ended_at), one.ended_at)
    for record in records_of(simulation):
        bases = {job.name: job.base for job in record.plan.jobs}
        for job in record.plan.jobs:
            for name in job.follows:
                at = begun.get(job.base)
                if at is not None and succeeded.get(bases[name], at + 1) > at:
                    yield f"{record.run_id}: {job.name} was begun before {name} had succeeded"


def _after_the_end(simulation: Account, serverless: Serverless) -> Iterator[str]:
    """Nothing of a run begins, or goes on, after the run is over."""
    for record in records_of(simulation):
        bases = {job.base for job in record.plan.jobs}
        for one in serverless.service.account.job_runs.values():
            is_its = record.ended_at is not None and _token(one).base in bases
            if is_its and one.created_at > (record.ended_at or 0) * 1000:
                yield f"{record.run_id}: {one.id} began after the run had {record.state}"
            if is_its and not one.has_ended:
                yield f"{record.run_id}: {one.id} goes on after the run had {record.state}"


def _things(serverless: Serverless) -> Iterator[tuple[str, str]]:
    account = serverless.service.account
    yield from ((str(one.request["name"]), one.id) for one in account.applications.values())
    yield from ((str(one.request["name"]), one.id) for one in account.job_runs.values())


def _token(job_run: JobRun) -> Token:
    found = token_of(str(job_run.request["name"]))
    assert found is not None, job_run  # noqa: S101 - nobody else is there
    return found
