"""What the state knows of clusters, for a reaper that can read it; one that cannot judges by EMR alone."""

from collections.abc import Callable
from typing import Final, TypeVar

from orchestrator.engine import once, records
from orchestrator.engine.edge import Edge
from orchestrator.errors import OrchestratorError
from orchestrator.reaping.deciding import Knowledge

# For each look: a state that does not answer must not keep the reaper from its work.
_PATIENCE_S: Final = 10.0
_Answer = TypeVar("_Answer")


def knowledge(edge: Edge, stuck_after_s: float) -> Knowledge:
    """Return what the state knows, asked when it is needed; what cannot be read is told once, and not known."""
    is_told = False

    def known(ask: Callable[[float], _Answer]) -> _Answer | None:
        nonlocal is_told
        try:
            return ask(edge.clock.now() + _PATIENCE_S)
        except OrchestratorError as error:
            if not is_told:
                edge.say(f"the state cannot be read, so clusters are judged by what EMR says alone: {error}")
            is_told = True
            return None

    return Knowledge(
        stuck_after_s,
        recorded=lambda token: known(lambda until: once.done(edge, token, until)),
        is_over=lambda run_id: known(lambda until: _is_over(edge, run_id, until)),
    )


def _is_over(edge: Edge, run_id: str, until: float) -> bool | None:
    record = records.find(edge, run_id, until)
    return None if record is None else record.state in records.OVER
