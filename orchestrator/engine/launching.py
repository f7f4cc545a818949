"""Long-running clusters: one of a name and key at a time, the next one when it has ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from orchestrator.engine.deeds import ENDED, ClusterDeed
from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import do_once
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


def launch(edge: Edge, base: str, request: Callable[[int], Mapping[str, Any]], until: float) -> Launched:
    """Launch the cluster, unless it lives.

    Args:
        edge: The world.
        base: The base of its token.
        request: Gives the RunJobFlow request of a number in the row.
        until: When to give up.
    """
    while True:
        number = newest(edge, base, until)
        token = Token(base, number)
        cluster_id = do_once(edge, ClusterDeed(edge, token, request(number)), until)
        if edge.emr.cluster(cluster_id, until)["Status"]["State"] not in ENDED:
            return Launched(cluster_id, token)
        go_on(edge, base, number, until)


def go_on(edge: Edge, base: str, number: int, until: float) -> None:
    """Go on to the next number in the row, unless somebody has."""
    found = load(edge, key_of(base), Row, until)
    if (found[0].number if found else 1) == number:
        save(edge, key_of(base), Row(number + 1, edge.nonce()), found[1] if found else None, until)
