"""Doing a thing once: claims, unknown outcomes, other orchestrators, and the records they leave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from benchmarks.orchestrator_chaos.simulation import BOUNDS, Simulation
from orchestrator.aws.faults import RefusedCallError, UnknownOutcomeError
from orchestrator.engine.documents import decode, encode
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import Claim, ClaimState, ClosedError, close, do_once, done, key_of
from orchestrator.errors import OrchestratorError, TimedOutError
from orchestrator.identity import Token

TOKEN = Token("0123456789abcdef0123")
DAY = 86_400.0


@dataclass
class Recorder:
    """A deed that does what it is told, and remembers what was asked of it."""

    edge: Edge
    answers: list[str | Exception] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    token: Token = TOKEN
    asked: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    guard: Callable[[float], None] = lambda _until: None
    is_repeatable: bool = False

    def find(self, since: float, until: float) -> Sequence[str]:
        del since, until
        self.asked.append("find")
        return list(self.there)

    def call(self, until: float) -> str:
        del until
        self.asked.append("call")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.there.append(answer)
        return answer

    def undo(self, ids: Sequence[str], until: float) -> None:
        del until
        self.undone += ids


def played(what: Callable[[Edge], object], simulation: Simulation | None = None) -> object:
    """Let one actor do something, and return what came of it."""
    simulation = simulation or Simulation()
    actor = simulation.actor("user 0", what)
    simulation.play([actor])
    return actor.result if actor.error is None else actor.error


def claim_of(simulation: Simulation) -> Claim:
    return decode("claim", simulation.s3.objects[f"_state/{key_of(TOKEN)}"], Claim)


def put(simulation: Simulation, claim: Claim) -> None:
    simulation.s3.objects[f"_state/{key_of(TOKEN)}"] = encode(claim)


def test_what_nobody_has_done_is_done_and_recorded_without_a_look_at_lists() -> None:
    simulation, asked = Simulation(), []

    def user(edge: Edge) -> tuple[str, str | None, str]:
        deed = Recorder(edge, ["j-1"])
        first, known = do_once(edge, deed, edge.clock.now() + DAY), done(edge, TOKEN, edge.clock.now() + DAY)
        again = do_once(edge, deed, edge.clock.now() + DAY)
        asked.extend(deed.asked)
        return first, known, again

    assert played(user, simulation) == ("j-1", "j-1", "j-1")
    assert asked == ["call"]
    assert claim_of(simulation).state is ClaimState.DONE


@pytest.mark.parametrize(
    ("there", "asked", "result"),
    [(["j-1"], ["call", "find"], "j-1"), ([], ["call", *["find"] * 6, "call"], "j-2")],
)
def test_after_an_unknown_outcome_lists_settle_and_tell(
    there: list[str], asked: list[str], result: str
) -> None:
    simulation = Simulation()
    begun = simulation.emr.world.now

    def user(edge: Edge) -> tuple[str, list[str]]:
        deed = Recorder(edge, [UnknownOutcomeError("no answer"), "j-2"], there)
        return do_once(edge, deed, edge.clock.now() + DAY), deed.asked

    assert played(user, simulation) == (result, asked)
    waited_s = (simulation.emr.world.now - begun) / 1000
    assert waited_s == (0 if result == "j-1" else BOUNDS.call_s + BOUNDS.list_lag_s)


def test_what_was_refused_can_be_tried_again_at_once() -> None:
    simulation = Simulation()
    refused = RefusedCallError("EMR RunJobFlow: refused", "ValidationException", "refused")

    def user(edge: Edge) -> str:
        deed = Recorder(edge, [refused, "j-1"])
        with pytest.raises(RefusedCallError):
            do_once(edge, deed, edge.clock.now() + DAY)
        assert claim_of(simulation).state is ClaimState.FREE
        return do_once(edge, deed, edge.clock.now() + DAY)

    begun = simulation.emr.world.now
    assert played(user, simulation) == "j-1"
    assert simulation.emr.world.now == begun


def test_a_claim_of_somebody_who_died_is_taken_over_when_no_call_can_be_under_way() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", now, now))
    assert played(lambda edge: do_once(edge, Recorder(edge, ["j-1"]), now + DAY), simulation) == "j-1"
    assert simulation.emr.world.now / 1000 - now >= BOUNDS.takeover_s


def test_what_somebody_who_died_has_done_is_found_at_once() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", now, now))
    assert played(lambda edge: do_once(edge, Recorder(edge, [], ["j-1"]), now + DAY), simulation) == "j-1"
    assert simulation.emr.world.now / 1000 == now


def test_of_several_that_were_begun_all_but_the_first_are_undone() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", now - 10_000, now - 10_000))

    def user(edge: Edge) -> tuple[str, list[str]]:
        deed = Recorder(edge, [], ["j-1", "j-2", "j-3"])
        return do_once(edge, deed, now + DAY), deed.undone

    assert played(user, simulation) == ("j-1", ["j-2", "j-3"])


def test_who_was_overtaken_undoes_what_is_too_many() -> None:
    simulation = Simulation()

    def user(edge: Edge) -> tuple[str, list[str]]:
        deed = Recorder(edge, ["j-late"])
        call = deed.call

        def overtaken(until: float) -> str:
            now = edge.clock.now()
            put(simulation, Claim(ClaimState.DONE, "other", now, now, "j-other"))
            return call(until)

        deed.call = overtaken  # type: ignore[method-assign] # what happens while the call is on its way
        return do_once(edge, deed, edge.clock.now() + DAY), deed.undone

    assert played(user, simulation) == ("j-other", ["j-late"])


def test_waiting_for_another_ends_with_the_time() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "other", now, now))
    error = played(lambda edge: do_once(edge, Recorder(edge), now + 60), simulation)
    assert isinstance(error, TimedOutError)
    assert "whether it was done will be known in 160 s" in str(error)


def test_throttled_until_the_end_it_is_free_for_the_next() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000

    def user(edge: Edge) -> str:
        deed = Recorder(edge)

        def throttled(until: float) -> str:
            edge.clock.sleep(until - edge.clock.now())
            raise TimedOutError("throttled until the time was over")

        deed.call = throttled  # type: ignore[method-assign] # as an edge that is throttled
        return do_once(edge, deed, now + 200)

    assert isinstance(played(user, simulation), TimedOutError)
    assert claim_of(simulation).state is ClaimState.FREE


@pytest.mark.parametrize(
    ("claim", "there", "result"),
    [
        (None, [], None),
        (ClaimState.FREE, [], None),
        (ClaimState.CLAIMED, [], None),
        (ClaimState.CLAIMED, ["j-1"], "j-1"),
        (ClaimState.DONE, [], "j-0"),
    ],
)
def test_what_is_closed_is_not_done_any_more(
    claim: ClaimState | None, there: list[str], result: str | None
) -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    if claim is not None:
        put(simulation, Claim(claim, "before", now, now, "j-0" if claim is ClaimState.DONE else None))
    assert played(lambda edge: close(edge, Recorder(edge, [], there), now + DAY), simulation) == result
    after = played(lambda edge: do_once(edge, Recorder(edge, ["j-9"], there), now + DAY), simulation)
    assert after == result if result else isinstance(after, ClosedError)


def test_what_is_too_many_is_undone_where_it_is_found_while_cancelling() -> None:
    simulation = Simulation()
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", now - 10_000, now - 10_000))

    def user(edge: Edge) -> tuple[str | None, list[str]]:
        deed = Recorder(edge, [], ["j-1", "j-2"])
        return close(edge, deed, now + DAY), deed.undone

    assert played(user, simulation) == ("j-1", ["j-2"])


@pytest.mark.parametrize("is_repeatable", [True, False])
def test_what_may_be_repeated_waits_for_nobody_and_closing_it_does(is_repeatable: bool) -> None:
    simulation = Simulation()
    began = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", began, began))

    def waited_s(how: Callable[[Edge, Recorder, float], object]) -> float:
        def user(edge: Edge) -> float:
            before = edge.clock.now()
            how(edge, Recorder(edge, ["j-1"], is_repeatable=is_repeatable), before + DAY)
            return edge.clock.now() - before

        took = played(user, simulation)
        assert isinstance(took, float)
        return took

    assert (waited_s(do_once) == 0) is is_repeatable
    now = simulation.emr.world.now / 1000
    put(simulation, Claim(ClaimState.CLAIMED, "dead", now, now))
    assert waited_s(close) >= BOUNDS.takeover_s


def test_a_closed_one_says_so() -> None:
    simulation = Simulation()
    until = simulation.emr.world.now / 1000 + DAY
    played(lambda edge: close(edge, Recorder(edge), until), simulation)
    error = played(lambda edge: do_once(edge, Recorder(edge), until), simulation)
    assert isinstance(error, OrchestratorError)
    assert str(error) == f"{TOKEN}: it was cancelled"
