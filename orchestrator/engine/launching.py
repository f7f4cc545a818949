"""Long-running clusters: one of a name and key at a time, the next one when it has ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from orchestrator.engine.deeds import ENDED, ClusterDeed
from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import do_once
from orchestrator.errors import TimedOutError
from orchestrator.identity import Token


class Row(msgspec.Struct, frozen=True):
    """Which cluster in the row of a token's base is the newest; `_state/clusters/<base>.json`."""

    number: int
    nonce: str


@dataclass(frozen=True)
class Launched:
    """A cluster that lives."""

    cluster_id: str
    token: Token


def key_of(base: str) -> str:
    """Name the row of a base."""
    return f"clusters/{base}.json"


def newest(edge: Edge, base: str, until: float) -> int:
    """Return the number of the newest cluster in the row, 1 where there was none."""
    found = load(edge, key_of(base), Row, until)
    return found[0].number if found else 1


def launch(
    edge: Edge,
    base: str,
    request: Callable[[int], Mapping[str, Any]],
    until: float,
    meanwhile: Callable[[], object] = lambda: None,
) -> Launched:
    """Launch the cluster, unless it lives.

    Args:
        edge: The world.
        base: The base of its token.
        request: Gives the RunJobFlow request of a number in the row.
        until: When to give up.
        meanwhile: What is done while one that ends is waited for.

    Raises:
        TimedOutError: One that ends had not ended when the time was over.
    """
    while True:
        number = newest(edge, base, until)
        token = Token(base, number)
        cluster_id = do_once(edge, ClusterDeed(edge, token, request(number)), until)
        state = edge.emr.status(cluster_id, until)["State"]
        if state in ENDED:
            go_on(edge, base, number, until)
        elif state != "TERMINATING":
            return Launched(cluster_id, token)
        else:
            edge.say(f"{cluster_id}: ends; the next one is launched when it has ended")
            meanwhile()
            if not edge.pause(until):
                raise TimedOutError(
                    f"{cluster_id}: had not ended when the time was over; run the same command again"
                )


def go_on(edge: Edge, base: str, number: int, until: float) -> None:
    """Go on to the next number in the row, unless somebody has."""
    found = load(edge, key_of(base), Row, until)
    if (found[0].number if found else 1) == number:
        save(edge, key_of(base), Row(number + 1, edge.nonce()), found[1] if found else None, until)
