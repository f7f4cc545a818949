"""Dollars, as commands tell them."""

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.commands.context import Context
from orchestrator.commands.printing import say
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord
from orchestrator.errors import OrchestratorError
from orchestrator.planning.dollars import Estimate
from orchestrator.verbs.receipt import Receipt, receipt

_CENT: Final = 0.01


def usd(amount: float) -> str:
    """Write an amount: in cents, and what is below a cent in hundredths of one."""
    return f"${amount:,.2f}" if amount >= _CENT or not amount else f"${amount:.4f}"


def estimated(found: Estimate | None) -> str:
    """Say what a plan on EMR Serverless may cost."""
    if found is None:
        return "unknown: the catalog has no prices of EMR Serverless in this Region"
    parts = [_begins(name, rate) for name, rate in found.jobs.items()]
    most = "nothing bounds it" if found.most is None else f"the application at most {usd(found.most)} an hour"
    parts.append(most)
    if found.waiting:
        parts.append(f"its pre-initialised workers {usd(found.waiting)} an hour, used or not")
    if found.least_dollars is not None:
        most = "" if found.most_dollars is None else f", at most {usd(found.most_dollars)}"
        parts.append(f"with {found.minutes:g} minutes a job at least {usd(found.least_dollars)}{most}")
    return "; ".join([*parts, f"prices of {found.region} as of {found.as_of}"])


def document_of(found: Estimate) -> dict[str, Any]:
    """Return an estimate for programs."""
    return {**vars(found), "least_dollars": found.least_dollars, "most_dollars": found.most_dollars}


def with_receipt(
    found: Context, edge: Edge, record: RunRecord, document: Mapping[str, Any], until: float
) -> dict[str, Any]:
    """Add what was billed for a run on EMR Serverless to what is told of it; where that is not to be had, say so."""
    try:
        had = receipt(edge, record, found.account.region, until)
    except OrchestratorError as error:
        say(f"what was billed is not known: {error}")
        return dict(document)
    if had is None:
        return dict(document)
    say(billed(had))
    jobs = [{**job, "billed": vars(had.jobs[job["job"]])} for job in document["jobs"]]
    return {**document, "jobs": jobs, "billed": {**vars(had.whole), "open": had.open}}


def billed(had: Receipt) -> str:
    """Say what was billed for a run."""
    whole = had.whole
    hours = f"{whole.vcpu_hours:.3f} vCPU-hours, {whole.memory_gb_hours:.3f} GB-hours of memory"
    parts = [f"{hours}, {whole.storage_gb_hours:.3f} of disk, for {whole.job_runs} job runs"]
    if whole.dollars is not None:
        parts.append(f"{usd(whole.dollars)} by the prices of {had.region} as of {had.as_of}")
    if had.open:
        parts.append(f"not billed yet: {', '.join(had.open)}")
    return f"billed: {'; '.join(parts)}"


def _begins(name: str, rate: float | None) -> str:
    if rate is None:
        return f"{name}: not known, no workers have what it asks for"
    return f"{name} from {usd(rate)} an hour"
