"""What of a log is new is read once, packed or plain, the step's and its driver's."""

import pytest

from local_aws.s3_server import S3Server
from orchestrator.logs.places import place_of
from orchestrator.logs.reading import Line, Logs
from tests.orchestrator.logs.shelf import DRIVER, Shelf


def logs_of(shelf: Shelf, own: str | None = None) -> Logs:
    cluster = shelf.emr.cluster(shelf.cluster_id, shelf.until())
    step = {"Id": shelf.step_id, **({"LogUri": own.format(bucket=shelf.bucket)} if own else {})}
    place = place_of(cluster, step)
    assert place is not None
    return Logs(shelf.objects, place, lambda line: line.replace("secret", "***"))


def read(shelf: Shelf, logs: Logs, *, with_rest: bool = False) -> list[str]:
    until = shelf.until()
    return [line.text for file in logs.grown(until) for line in logs.unread(file, until, with_rest=with_rest)]


@pytest.mark.parametrize("name", ["stderr", "stderr.gz"])
def test_of_a_log_that_grows_only_what_is_new_is_read(server: S3Server, name: str) -> None:
    shelf = Shelf(server)
    logs = logs_of(shelf)
    assert read(shelf, logs) == []
    shelf.put(name, "one\ntwo\nthr")
    assert read(shelf, logs) == ["one", "two"]
    assert read(shelf, logs) == []
    shelf.put(name, "one\ntwo\nthree\nfour")
    assert read(shelf, logs) == ["three"]
    shelf.put(name, "one\ntwo\nthree\nfour ")
    assert read(shelf, logs, with_rest=True) == ["four "]


def test_a_log_that_became_shorter_is_another_one(server: S3Server) -> None:
    shelf = Shelf(server)
    logs = logs_of(shelf)
    shelf.put("stdout", "one\ntwo\n")
    assert read(shelf, logs) == ["one", "two"]
    shelf.put("stdout", "new\n")
    assert read(shelf, logs) == ["new"]


def test_a_line_says_where_it_is_from_and_hides_secrets(server: S3Server) -> None:
    shelf = Shelf(server)
    shelf.put("stdout.gz", "the secret\n")
    logs, until = logs_of(shelf), shelf.until()
    [file] = logs.files(until)
    assert list(logs.unread(file, until)) == [Line(shelf.uri("stdout.gz"), "the ***")]


def test_the_drivers_logs_are_found_by_the_application_that_the_step_speaks_of(server: S3Server) -> None:
    shelf = Shelf(server)
    logs = logs_of(shelf)
    shelf.put("stderr.gz", "INFO Client: Submitted application application_17_0001\n")
    shelf.put_driver("stdout.gz", "from the driver\n")
    shelf.put_at(f"{shelf.root}/{DRIVER[:-1]}2/stdout.gz", "an executor's\n")
    shelf.put_at(f"{shelf.root}/{DRIVER.replace('17_0001', '17_0002')}/stdout.gz", "another step's\n")
    assert read(shelf, logs) == ["INFO Client: Submitted application application_17_0001", "from the driver"]


@pytest.mark.parametrize(
    "layout", ["own/{cluster}/steps/{step}/stderr", "own/any/{step}/stderr", "own/{step}/stderr"]
)
def test_below_a_steps_own_log_uri_its_logs_are_found_however_they_are_laid_out(
    server: S3Server, layout: str
) -> None:
    shelf = Shelf(server)
    logs = logs_of(shelf, "s3://{bucket}/own/")
    shelf.put("stderr", "the cluster's place\n")
    shelf.put_at("own/any/s-OTHER/stderr", "another's\n")
    shelf.put_at(layout.format(cluster=shelf.cluster_id, step=shelf.step_id), "mine\n")
    assert read(shelf, logs) == ["mine"]
