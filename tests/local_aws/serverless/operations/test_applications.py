"""The operations on applications; those on their states are tested with `lives`."""

from benchmarks.serverless_chaos.requests import application_request, worker
from local_aws.serverless import guesses
from tests.local_aws.serverless.laptop import Laptop

CONFLICT = ("ConflictException", guesses.TOKEN_CONFLICT)


def test_a_token_makes_one_application() -> None:
    laptop = Laptop()
    request = application_request("t")
    first = laptop.call("CreateApplication", **request)
    assert laptop.call("CreateApplication", **request) == first
    assert first["name"] == "app"
    assert laptop.refused("CreateApplication", **{**request, "name": "other"}) == CONFLICT
    assert list(laptop.account.applications) == [first["applicationId"]]


def test_what_is_refused_uses_no_token() -> None:
    laptop = Laptop()
    laptop.refused("CreateApplication", **application_request("t", type="FLINK"))
    laptop.call("CreateApplication", **application_request("t"))


def test_lists_have_the_newest_first_and_deleted_ones_only_where_asked_for() -> None:
    laptop = Laptop()
    first, second, third = (laptop.create() for _ in range(3))
    laptop.call("DeleteApplication", applicationId=second)
    laptop.call("StartApplication", applicationId=third)

    def listed(**request: object) -> list[str]:
        return [one["id"] for one in laptop.call("ListApplications", **request)["applications"]]

    assert listed() == [third, first]
    assert listed(states=["TERMINATED"]) == [second]
    assert listed(states=["CREATED", "STARTING"]) == [first, third]
    page = laptop.call("ListApplications", maxResults=1)
    assert [page["applications"][0]["id"], *listed(maxResults=1, nextToken=page["nextToken"])] == [
        third,
        first,
    ]


def test_an_update_changes_what_it_names() -> None:
    laptop = Laptop()
    made = laptop.create(initialCapacity={"DRIVER": worker(1, 4)})
    change = {
        "applicationId": made,
        "clientToken": "u",
        "autoStopConfiguration": {"idleTimeoutMinutes": 3},
    }
    told = laptop.call("UpdateApplication", **change)["application"]
    assert told["autoStopConfiguration"] == {"enabled": True, "idleTimeoutMinutes": 3}
    assert told["initialCapacity"] == {"DRIVER": worker(1, 4)}
    assert laptop.call("UpdateApplication", **change)["application"] == told
    other = {**change, "releaseLabel": "emr-7.13.0"}
    assert laptop.refused("UpdateApplication", **other) == ("ValidationException", guesses.TOKEN_CONFLICT)


def test_an_update_is_held_against_what_is_there() -> None:
    laptop = Laptop()
    made = laptop.create(initialCapacity={"DRIVER": worker(4, 16, 2)})
    limit = {"cpu": "4 vCPU", "memory": "100 GB"}
    told = laptop.refused("UpdateApplication", applicationId=made, clientToken="u", maximumCapacity=limit)
    assert told == ("ValidationException", guesses.OVER_MAXIMUM.format(what="cpu"))
    assert laptop.application(made).maximum is None


def test_only_what_is_created_or_stopped_is_updated() -> None:
    laptop = Laptop()
    code, message = laptop.refused("UpdateApplication", applicationId=laptop.started(), clientToken="u")
    assert (code, "[CREATED, STOPPED]" in message) == ("ValidationException", True)
