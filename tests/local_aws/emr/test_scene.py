"""What the worlds of the embedded services share."""

from local_aws.emr.agenda import Agenda
from local_aws.emr.scene import Scene
from local_aws.emr.world import World
from local_aws.serverless.world import World as ServerlessWorld


def scene(seed: str = "a") -> Scene:
    return Scene(seed, "us-east-1", "123456789012", Agenda(5))


def test_a_draw_is_between_its_bounds_and_the_same_for_the_same_seed_and_thing() -> None:
    drawn = [scene().draw((100, 200), "x", number) for number in range(50)]
    assert len(set(drawn)) > 10
    assert all(100 <= one < 200 for one in drawn)
    assert scene().draw((100, 200), "x") == scene().draw((100, 200), "x") != scene("b").draw((100, 200), "x")
    assert scene().draw((7, 7), "x") == 7


def test_two_services_draw_each_for_itself() -> None:
    assert issubclass(World, Scene)
    assert issubclass(ServerlessWorld, Scene)
    assert World.draws != ServerlessWorld.draws


def test_a_line_of_the_trace_has_its_instant() -> None:
    one, other = scene(), scene()
    one.say("a", 1)
    one.agenda.advance(7)
    one.say("b")
    assert (one.trace, other.trace) == (["5 a 1", "7 b"], [])
