"""Dollars, as commands tell them."""

from typing import Any, Final

from orchestrator.planning.dollars import Estimate

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


def _begins(name: str, rate: float | None) -> str:
    if rate is None:
        return f"{name}: not known, no workers have what it asks for"
    return f"{name} from {usd(rate)} an hour"
