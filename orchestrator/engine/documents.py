"""Documents of the state: msgspec structs as JSON, changed only on the condition that nobody else has meanwhile."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError

Document = TypeVar("Document", bound=msgspec.Struct)


def load(edge: Edge, key: str, kind: type[Document], until: float) -> tuple[Document, str] | None:
    """Read a document and its version; None where there is none.

    Raises:
        FailedError: It is not what an orchestrator writes.
    """
    found = edge.store.get(key, until)
    return None if found is None else (decode(key, found.body, kind), found.version)


def decode(key: str, body: bytes, kind: type[Document]) -> Document:
    """Read a document's bytes.

    Raises:
        FailedError: They are not what an orchestrator writes.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise FailedError(
            f"_state/{key}: expected a document of this orchestrator, got {error}; another version of it, or a hand, "
            "has written it: move it away once you know what it stood for"
        ) from error


def encode(document: msgspec.Struct) -> bytes:
    """Write a document's bytes, always the same."""
    return msgspec.json.encode(document, order="sorted")


def save(edge: Edge, key: str, document: msgspec.Struct, version: str | None, until: float) -> str | None:
    """Write a document over a version of it, or (None) where there is none.

    Return its version, None where somebody else came first.
    """
    body = encode(document)
    if version is None:
        return edge.store.create(key, body, until)
    return edge.store.replace(key, body, version, until)


def change(
    edge: Edge, key: str, kind: type[Document], how: Callable[[Document], Document], until: float
) -> Document:
    """Change a document that is there, as often as others come between; `how` may return it unchanged.

    Raises:
        FailedError: There is none.
    """
    while True:
        found = load(edge, key, kind, until)
        if found is None:
            raise FailedError(f"_state/{key}: expected a document, found none")
        document, version = found
        changed = how(document)
        if changed == document or save(edge, key, changed, version, until) is not None:
            return changed
