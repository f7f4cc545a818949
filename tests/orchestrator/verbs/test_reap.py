"""The reaper over the embedded EMR: what it ends, what it leaves, and a day of it with the orchestrator dead."""

import random
from contextlib import suppress

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr.quotas import Quotas
from orchestrator.errors import TimedOutError
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.reaping.deciding import LEAD_S, Knowledge, Rule
from orchestrator.verbs.reap import Reaped, Reaper
from tests.orchestrator.reaping.fleet_room import OWNER, Room, step

MINUTE = 60.0


def reap(
    room: Room, knowledge: Knowledge | None = None, seconds: float = 3600, *, is_to_end: bool = True
) -> Reaped:
    reaper = Reaper(room.emr(), OWNER, room.clock, knowledge or Knowledge())
    return reaper.reap(room.until(seconds), is_to_end=is_to_end)


def test_without_leave_it_only_says_what_it_would_do() -> None:
    room = Room()
    cluster = room.launch("a")
    room.clock.sleep(3600)
    found = reap(room, is_to_end=False)
    assert [(each.cluster_id, each.rule) for each in found.sentences] == [(cluster, Rule.LIFETIME)]
    assert (found.looked_at, found.faults, room.state(cluster)) == (1, (), "WAITING")


def test_it_ends_what_has_to_end_and_nothing_else() -> None:
    room = Room()
    lifetime = room.launch("a", Ownership(OWNER, None, 1800), steps=[step("long")])
    idle = room.launch("b", Ownership(OWNER, None, None, 600))
    busy = room.launch("c", Ownership(OWNER, None, None, 600), steps=[step("long")])
    orphan = room.launch("d", Ownership(OWNER, "r-over"))
    kept = room.launch("e", Ownership(OWNER, "r-goes-on"))
    first, second = room.launch("f", Ownership(OWNER)), room.launch("f", Ownership(OWNER))
    stranger = room.launch_other(named("x", Token("a" * 20)), Tags=Ownership("another", None, 1).tags())
    room.clock.sleep(1800)
    knowledge = Knowledge(is_over=lambda run: run == "r-over", recorded=lambda _: second)
    found = reap(room, knowledge)
    assert {each.cluster_id: each.rule for each in found.sentences} == {
        lifetime: Rule.LIFETIME,
        idle: Rule.IDLE,
        orphan: Rule.ORPHAN,
        first: Rule.DUPLICATE,
    }
    assert found.faults == ()
    assert {room.state(each) for each in (lifetime, idle, orphan, first)} == {"TERMINATING"}
    assert {room.state(each) for each in (busy, kept, second, stranger)} == {"RUNNING", "WAITING"}


def test_a_cluster_that_emr_never_calls_idle_is_idle_by_its_tag() -> None:
    room = Room()
    cluster = room.launch("a", Ownership(OWNER, None, None, 900), AutoTerminationPolicy={"IdleTimeout": 900})
    room.embedded.cluster(cluster).hdfs_use = 0.5
    room.clock.sleep(7200)
    assert room.state(cluster) == "WAITING"
    [sentence] = reap(room).sentences
    assert (sentence.rule, room.state(cluster)) == (Rule.IDLE, "TERMINATING")


def test_a_sentence_that_rests_on_a_former_round_is_judged_anew() -> None:
    room = Room()
    reaper = Reaper(room.emr(), OWNER, room.clock)
    longer, protected, theirs = (room.launch(each, Ownership(OWNER, None, 1800)) for each in "abc")
    assert reaper.reap(room.until(), is_to_end=True).sentences == ()
    room.client.add_tags(ResourceId=longer, Tags=Ownership(OWNER, None, 7200).tags())
    room.client.add_tags(ResourceId=theirs, Tags=Ownership("another").tags())
    room.client.set_termination_protection(JobFlowIds=[protected], TerminationProtected=True)
    room.clock.sleep(1800)
    found = reaper.reap(room.until(), is_to_end=True)
    assert [(each.cluster_id, each.must_lift_protection) for each in found.sentences] == [(protected, True)]
    assert [room.state(each) for each in (longer, protected, theirs)] == ["WAITING", "TERMINATING", "WAITING"]


def test_where_emr_cannot_be_asked_nothing_is_decided() -> None:
    room = Room()
    room.launch("a")
    room.fault("throttled", operation="ListClusters")
    with pytest.raises(TimedOutError, match="EMR ListClusters: throttled"):
        reap(room, seconds=60)


class CountingQuotas(Quotas):
    """EMR's buckets, which count calls and those that find one empty."""

    calls = refused = 0

    def take(self, operation: str, now: int) -> None:
        """Take a call's tokens."""
        self.calls += 1
        try:
            super().take(operation, now)
        except AwsError:
            self.refused += 1
            raise


class Day:
    """Forty clusters of ours with a limit, and forty of strangers with names like ours, launched over a day."""

    def __init__(self, faults: float) -> None:
        """Draw it."""
        self.room = Room(seed=f"day-{faults}")
        self.judge = self.room.embedded.quotas = CountingQuotas(self.room.embedded.world.now)
        if faults:
            self.room.fault("throttled", faults)
        self.draws = random.Random(4)  # noqa: S311 - repeatable, no secret
        self.limits: dict[str, float] = {}
        self.strangers: list[str] = []
        self.launches = sorted(self.draws.uniform(0, 18 * 60 * MINUTE) for _ in range(40))
        self.began = self.room.clock.now()

    def launch(self) -> None:
        """Launch what is due."""
        room, draws = self.room, self.draws
        while self.launches and self.began + self.launches[0] <= room.clock.now():
            lifetime = int(draws.choice([1800, 3600, 7200, 14_400]) * draws.uniform(0.9, 1.1))
            name = named("ours", Token(f"{len(self.limits):020x}"))
            cluster = room.launch(
                ownership=Ownership(OWNER, None, lifetime),
                name=name,
                instances={"TerminationProtected": draws.random() < 0.3},
                steps=[step("long")] if draws.random() < 0.5 else [],
            )
            self.limits[cluster] = room.clock.now() + lifetime
            tags = Ownership("another", None, 60).tags() if len(self.limits) % 2 else []
            self.strangers.append(room.launch_other(name, Tags=tags))
            self.launches.pop(0)

    def pass_by(self) -> None:
        """Let the reaper come every two minutes; of every thirty rounds one begins in a new process."""
        room = self.room
        reaper = Reaper(room.emr(), OWNER, room.clock)
        for number in range(24 * 30):
            if number % 30 == 29:
                reaper = Reaper(room.emr(), OWNER, room.clock)
            self.launch()
            began = room.clock.now()
            with suppress(TimedOutError):
                reaper.reap(began + 110, is_to_end=True)
            room.clock.sleep(max(0.0, began + 2 * MINUTE - room.clock.now()))

    def lateness(self) -> tuple[float, float]:
        """Return how long after its limit the latest was asked to end, and the latest had ended, in seconds."""
        asked, ended = [], []
        for cluster_id, limit in self.limits.items():
            history = self.room.embedded.cluster(cluster_id).history
            instants = {status.state: since / 1000 for since, status in history}
            asked.append(instants["TERMINATING"] - limit)
            ended.append(instants["TERMINATED"] - limit)
        assert min(asked) >= -LEAD_S
        return max(asked), max(ended)


@pytest.mark.parametrize("faults", [0.0, 0.3])
def test_a_day_with_the_orchestrator_dead(faults: float) -> None:
    day = Day(faults)
    day.pass_by()
    asked, ended = day.lateness()
    print(
        f"faults {faults}: asked to end {asked:.0f} s, had ended {ended:.0f} s after the limit at the latest"
    )
    assert len(day.limits) == len(day.strangers) == 40
    assert asked <= MINUTE
    assert ended <= 5 * MINUTE
    assert {day.room.state(each) for each in day.strangers} <= {"WAITING", "RUNNING"}
    assert (day.judge.calls > 1000, day.judge.refused) == (True, 0)
