"""Time, names and durations."""

from local_aws.emr.agenda import Agenda
from local_aws.serverless.entities import JobRun
from local_aws.serverless.ids import Ids
from local_aws.serverless.world import Durations, World


def world(seed: str = "a") -> World:
    return World(seed, "us-east-1", "123456789012", Agenda(5), Ids(seed), Durations())


def test_durations_are_divided() -> None:
    assert Durations().faster(60).cold == (1000, 2000)


def test_things_are_named_and_traced() -> None:
    one = world()
    arn = "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00a"
    assert one.application_arn("00a") == arn
    assert one.job_run_arn(JobRun("00b", "00a", {}, "x", [], {}, "SPARK", 0, 0)) == f"{arn}/jobruns/00b"
    one.say("a", 1)
    assert (one.now, one.trace) == (5, ["5 a 1"])
