"""Tags."""

from local_aws.serverless import guesses
from tests.local_aws.serverless.laptop import Laptop


def test_applications_and_job_runs_have_tags() -> None:
    laptop = Laptop()
    made = laptop.started(tags={"a": "1"})
    run = laptop.run(made, tags={"a": "2"})
    arn = laptop.world.application_arn(made)
    for one, value in ((arn, "1"), (f"{arn}/jobruns/{run}", "2")):
        laptop.call("TagResource", resourceArn=one, tags={"b": "x", "c": ""})
        assert laptop.call("ListTagsForResource", resourceArn=one)["tags"] == {"a": value, "b": "x", "c": ""}
        laptop.call("UntagResource", resourceArn=one, tagKeys=["b", "unknown"])
        assert laptop.call("ListTagsForResource", resourceArn=one)["tags"] == {"a": value, "c": ""}
    assert laptop.call("GetJobRun", **laptop.named(run))["jobRun"]["tags"] == {"a": "2", "c": ""}


def test_there_are_two_hundred_at_most() -> None:
    laptop = Laptop()
    arn = laptop.world.application_arn(laptop.create())
    laptop.call("TagResource", resourceArn=arn, tags={str(number): "" for number in range(200)})
    told = laptop.refused("TagResource", resourceArn=arn, tags={"more": ""})
    assert told == ("ValidationException", guesses.TOO_MANY_TAGS)
    laptop.call("TagResource", resourceArn=arn, tags={"7": "x"})


def test_what_is_not_there_has_none() -> None:
    laptop = Laptop()
    arn = laptop.world.application_arn("00none")
    told = laptop.refused("ListTagsForResource", resourceArn=arn)
    assert told == ("ResourceNotFoundException", guesses.NO_RESOURCE.format(arn=arn))
