"""Actors on a stage: one at a time, time only when all of them wait, and crashes that nothing catches."""

from typing import Any

from benchmarks.orchestrator_chaos.stage import Actor, Crash, SharedClock, Stage
from local_aws.emr.emulator import Emr
from local_aws.emr.simulated_runner import SimulatedRunner


def stage() -> Stage:
    return Stage(Emr(SimulatedRunner), lambda ready: ready[0])


def test_actors_take_turns_and_time_goes_by_when_all_wait() -> None:
    made, seen = stage(), []
    begun = made.emr.world.now / 1000

    def user(pause: float) -> Any:
        def command(actor: Actor) -> float:
            for _ in range(3):
                seen.append((actor.name, actor.now() - begun))
                actor.sleep(pause)
            return actor.now() - begun

        return command

    actors = [Actor("slow", user(10), made), Actor("fast", user(4), made)]
    made.play(actors)
    assert [actor.result for actor in actors] == [30, 12]
    assert seen == [("slow", 0), ("fast", 0), ("fast", 4), ("fast", 8), ("slow", 10), ("slow", 20)]


def test_a_crash_passes_every_except_and_the_command_is_run_again() -> None:
    made = stage()
    begun = made.emr.world.now / 1000

    def command(actor: Actor) -> float:
        try:
            if actor.crashes < 2:
                raise Crash  # noqa: TRY301 - what is tried here
        except Exception:  # noqa: BLE001 - what a crash must pass
            return -1
        return actor.now() - begun

    actor = Actor("user", command, made, begins_at=5, patience_s=30)
    made.play([actor])
    assert (actor.result, actor.crashes, actor.error) == (65, 2, None)


def test_an_error_is_kept_and_the_others_go_on() -> None:
    made = stage()

    def fail(_actor: Actor) -> None:
        raise ValueError("why")

    def wait(actor: Actor) -> str:
        actor.sleep(1)
        return "done"

    actors = [Actor("a", fail, made), Actor("b", wait, made)]
    made.play(actors)
    assert (str(actors[0].error), actors[1].result) == ("why", "done")


def test_who_shares_a_clock_waits_for_itself() -> None:
    made = stage()
    clock = SharedClock(made)
    begun = clock.now()

    def user(pause: float) -> Any:
        def command(_actor: Actor) -> float:
            clock.sleep(pause)
            return clock.now() - begun

        return command

    actors = [Actor("a", user(7), made), Actor("b", user(3), made)]
    made.play(actors)
    assert [actor.result for actor in actors] == [7, 3]
