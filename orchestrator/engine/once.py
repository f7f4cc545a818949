"""Doing a thing once that AWS would do twice: intent, token in the Name, call, record (decision D10).

A claim is an object `_state/calls/<token>.json`, written on a condition, so that one orchestrator at a time may call.
Whoever finds a claim that is too old for any call to be under way takes it over, and looks for the token before it
calls itself. What an unknown outcome has done is found by its token, once lists must show it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from orchestrator.aws.faults import UnknownOutcomeError
from orchestrator.engine.deeds import NoRoomError
from orchestrator.engine.documents import load, save
from orchestrator.engine.edge import Edge
from orchestrator.errors import FailedError, OrchestratorError, TimedOutError
from orchestrator.identity import Token

# Tokens are nobody else's: how far back lists are asked for needs no exact clock.
LOOK_BACK_S: Final = 86_400.0


class ClaimState(StrEnum):
    """How far a deed is."""

    CLAIMED = "claimed"
    FREE = "free"
    DONE = "done"
    CLOSED = "closed"


class Claim(msgspec.Struct, frozen=True):
    """Who may do it now, and what was done; instants in seconds of the Unix epoch.

    `free` means that it was not done, and nobody is about to; `closed` that nobody may any more.
    """

    state: ClaimState
    nonce: str
    first_claimed_at: float
    claimed_at: float
    id: str | None = None


class Deed(Protocol):
    """What is to be done once."""

    @property
    def token(self) -> Token:
        """The token that its Name carries."""

    @property
    def guard(self) -> Callable[[float], None]:
        """What is asked right before the call, until an instant; it raises where the call must not be made."""

    @property
    def is_repeatable(self) -> bool:
        """Tell whether AWS makes nothing again where the call is made again: it bears a token of AWS's own."""

    def find(self, since: float, until: float) -> Sequence[str]:
        """Return the ids of all things begun since then that carry the token; the one to keep comes first."""

    def call(self, until: float) -> str:
        """Do it, and return the id."""

    def undo(self, ids: Sequence[str], until: float) -> None:
        """End things that carry the token, and are too many."""


class ClosedError(FailedError):
    """Raised when nobody may do it any more: it was cancelled."""


@dataclass(frozen=True)
class _Turn:
    claim: Claim
    version: str
    must_find: bool


def key_of(token: Token) -> str:
    """Name the claim of a token."""
    return f"calls/{token}.json"


def done(edge: Edge, token: Token, until: float) -> str | None:
    """Return the id of what was done, as far as it is recorded."""
    found = load(edge, key_of(token), Claim, until)
    return found[0].id if found else None


def do_once(edge: Edge, deed: Deed, until: float) -> str:
    """Do it, unless somebody has; return the id of what was done.

    Raises:
        ClosedError: It was cancelled.
        RefusedCallError: AWS refuses it.
        TimedOutError: The time was over.
    """
    mine: set[str] = set()
    while True:
        found = load(edge, key_of(deed.token), Claim, until)
        if found and found[0].state is ClaimState.DONE:
            return _settled(deed, found[0], mine, until)
        if found and found[0].state is ClaimState.CLOSED:
            _end(deed, mine, until)
            raise ClosedError(f"{deed.token}: it was cancelled")
        turn = _take_turn(edge, deed, found, mine, until, may_repeat=deed.is_repeatable)
        while turn is not None:
            turn = _act(edge, deed, turn, mine, until)


def close(edge: Edge, deed: Deed, until: float) -> str | None:
    """See that it is not done any more; return the id of what was done before.

    Raises:
        TimedOutError: The time was over before it was known whether it was done.
    """
    mine: set[str] = set()
    while True:
        found = load(edge, key_of(deed.token), Claim, until)
        if found and found[0].state in {ClaimState.DONE, ClaimState.CLOSED}:
            _end(deed, mine - {str(found[0].id)}, until)
            return found[0].id
        if found is None or found[0].state is ClaimState.FREE:
            now = edge.clock.now()
            closed = Claim(ClaimState.CLOSED, edge.nonce(), now, now)
            if save(edge, key_of(deed.token), closed, found[1] if found else None, until) is not None:
                return None
            continue
        turn = _take_turn(edge, deed, found, mine, until)
        if turn is not None and not _found(edge, deed, turn, mine, until):
            _replace(edge, deed, turn, ClaimState.FREE, until)


def _settled(deed: Deed, claim: Claim, mine: set[str], until: float) -> str:
    assert claim.id is not None  # noqa: S101 - what is done has an id
    _end(deed, mine - {claim.id}, until)
    return claim.id


def _end(deed: Deed, ids: set[str], until: float) -> None:
    if ids:
        deed.undo(sorted(ids), until)


def _take_turn(
    edge: Edge,
    deed: Deed,
    found: tuple[Claim, str] | None,
    mine: set[str],
    until: float,
    *,
    may_repeat: bool = False,
) -> _Turn | None:
    """Claim it, or wait a little: None where somebody else has it, or had it first.

    With `may_repeat` nobody is waited for who may be calling now: both calls do one thing. To close it one has to wait.
    """
    now = edge.clock.now()
    if found is None:
        return _claim(edge, deed, None, now, until, must_find=False)
    claim, _ = found
    if claim.state is ClaimState.FREE:
        return _claim(edge, deed, found, now, until, must_find=False)
    if may_repeat or now >= claim.claimed_at + edge.bounds.takeover_s:
        return _claim(edge, deed, found, now, until, must_find=True)
    if _seen(edge, deed, _Turn(claim, found[1], must_find=True), mine, until):
        return None  # it was done, and not recorded yet, or never will be
    edge.say(f"{deed.token}: another orchestrator is at it, or has died over it; waiting until that is known")
    if not edge.pause(until):
        left_s = claim.claimed_at + edge.bounds.takeover_s - now
        raise TimedOutError(
            f"{deed.token}: whether it was done will be known in {left_s:.0f} s, and the time is over; run the same "
            "command again"
        )
    return None


def _claim(
    edge: Edge, deed: Deed, found: tuple[Claim, str] | None, now: float, until: float, *, must_find: bool
) -> _Turn | None:
    first = found[0].first_claimed_at if found else now
    claim = Claim(ClaimState.CLAIMED, edge.nonce(), first, now)
    version = save(edge, key_of(deed.token), claim, found[1] if found else None, until)
    return None if version is None else _Turn(claim, version, must_find)


def _act(edge: Edge, deed: Deed, turn: _Turn, mine: set[str], until: float) -> _Turn | None:
    """Do it, holding the claim; return the next turn, or None when the claim tells more."""
    if turn.must_find and _found(edge, deed, turn, mine, until):
        return None
    ends_at = min(until, turn.claim.claimed_at + edge.bounds.claim_s)
    if edge.clock.now() >= until:
        _replace(edge, deed, turn, ClaimState.FREE, until)
        raise TimedOutError(f"{deed.token}: not begun when the time was over; run the same command again")
    if edge.clock.now() >= ends_at:
        return _renew(edge, deed, turn, until, must_find=False)
    return _call(edge, deed, turn, mine, ends_at, until)


def _call(edge: Edge, deed: Deed, turn: _Turn, mine: set[str], ends_at: float, until: float) -> _Turn | None:
    """Make the call, and do what its outcome asks for."""
    is_allowed = False
    try:
        deed.guard(ends_at)
        is_allowed = True
        made = deed.call(ends_at)
    except UnknownOutcomeError:
        if not is_allowed:  # a look, whose outcome is nothing
            _replace(edge, deed, turn, ClaimState.FREE, until)
            raise
        return _settle(edge, deed, turn, mine, until)
    except TimedOutError:
        if edge.clock.now() < until:
            return _renew(edge, deed, turn, until, must_find=False)
        _replace(edge, deed, turn, ClaimState.FREE, until)
        raise
    except NoRoomError as full:
        _replace(edge, deed, turn, ClaimState.FREE, until)
        edge.say(f"{full}; waiting")
        edge.pause(until)
        if edge.clock.now() >= until:
            over = f"{full}, and stayed so until the time was over; run the same command again"
            raise TimedOutError(over) from full
        return None
    except OrchestratorError:  # refused, or forbidden by the guard: it was not done
        _replace(edge, deed, turn, ClaimState.FREE, until)
        raise
    mine.add(made)
    _record(edge, deed, turn, made, until)
    return None


def _settle(edge: Edge, deed: Deed, turn: _Turn, mine: set[str], until: float) -> _Turn | None:
    """Look for what a call without an answer has done, until lists must show it.

    When it left is not known, as it may have waited for its turn: it was not later than now.
    """
    settled_at = edge.clock.now() + edge.bounds.call_s + edge.bounds.list_lag_s
    edge.say(f"{deed.token}: no answer came; looking until lists must show what was done")
    while True:
        if _seen(edge, deed, turn, mine, until):
            return None
        if not edge.pause(min(until, settled_at)):
            return _renew(edge, deed, turn, until, must_find=True)


def _found(edge: Edge, deed: Deed, turn: _Turn, mine: set[str], until: float) -> bool:
    """Look for it twice, as a list may miss what changes its state meanwhile; record it where it is."""
    return _seen(edge, deed, turn, mine, until) or _seen(edge, deed, turn, mine, until)


def _seen(edge: Edge, deed: Deed, turn: _Turn, mine: set[str], until: float) -> bool:
    ids = deed.find(turn.claim.first_claimed_at - LOOK_BACK_S, until)
    if not ids:
        return False
    mine.update(ids)
    _record(edge, deed, turn, ids[0], until)
    return True


def _renew(edge: Edge, deed: Deed, turn: _Turn, until: float, *, must_find: bool) -> _Turn | None:
    if edge.clock.now() >= until:
        raise TimedOutError(f"{deed.token}: the time is over; run the same command again")
    return _claim(edge, deed, (turn.claim, turn.version), edge.clock.now(), until, must_find=must_find)


def _record(edge: Edge, deed: Deed, turn: _Turn, id_: str, until: float) -> None:
    _replace(edge, deed, turn, ClaimState.DONE, until, id_)


def _replace(
    edge: Edge, deed: Deed, turn: _Turn, state: ClaimState, until: float, id_: str | None = None
) -> None:
    """Write how far it is; where somebody else has written meanwhile, that stands."""
    claim = Claim(state, edge.nonce(), turn.claim.first_claimed_at, turn.claim.claimed_at, id_)
    save(edge, key_of(deed.token), claim, turn.version, until)
