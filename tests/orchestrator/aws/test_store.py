"""State by conditional writes: one contract for S3 and for memory, and what only S3 can do: lose an answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from local_aws.s3_server import Faults, S3Server
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.store import S3Store, Store, Stored
from orchestrator.errors import TimedOutError
from tests.orchestrator.aws.pretended import BEGINNING, LongestWaits, StillClock, client_error

UNTIL = BEGINNING + 60


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """Start an S3."""
    server = S3Server()
    yield server
    server.close()


@pytest.fixture(params=["S3", "memory"])
def store(request: pytest.FixtureRequest, server: S3Server) -> S3Store:
    """Give an empty store of each kind."""
    if request.param == "memory":
        return S3Store(MemoryS3(), "state", StillClock())
    return S3Store(server.client, server.new_bucket(), StillClock())


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.get("runs/a.json", UNTIL) is None


def test_what_was_created_is_read_with_its_version(store: Store) -> None:
    version = store.create("runs/a.json", b"1", UNTIL)
    assert version is not None
    assert store.get("runs/a.json", UNTIL) == Stored(b"1", version)


def test_the_second_to_create_gets_none_and_changes_nothing(store: Store) -> None:
    store.create("a", b"1", UNTIL)
    assert store.create("a", b"2", UNTIL) is None
    found = store.get("a", UNTIL)
    assert found is not None
    assert found.body == b"1"


def test_what_is_deleted_is_gone_and_deleting_it_again_changes_nothing(store: S3Store) -> None:
    store.create("a", b"1", UNTIL)
    store.create("b", b"2", UNTIL)
    for _ in range(2):
        store.delete("a", UNTIL)
    assert store.keys("", UNTIL) == ["b"]


def test_who_finds_the_own_body_has_written_it(store: Store) -> None:
    assert store.create("a", b"1", UNTIL) == store.create("a", b"1", UNTIL) is not None


def test_an_object_is_replaced_over_the_version_that_was_read_and_no_other(store: Store) -> None:
    first = store.create("a", b"1", UNTIL)
    assert first is not None
    second = store.replace("a", b"2", first, UNTIL)
    assert second not in (None, first)
    assert store.replace("a", b"3", first, UNTIL) is None
    assert store.get("a", UNTIL) == Stored(b"2", str(second))


def test_a_replacement_that_is_there_already_is_done(store: Store) -> None:
    first = str(store.create("a", b"1", UNTIL))
    second = store.replace("a", b"2", first, UNTIL)
    assert store.replace("a", b"2", first, UNTIL) == second


def test_what_is_not_there_is_not_replaced(store: Store) -> None:
    assert store.replace("a", b"2", '"0"', UNTIL) is None
    assert store.keys("", UNTIL) == []


def test_versions_are_those_of_the_bytes(store: Store) -> None:
    assert store.create("a", b"1", UNTIL) == store.create("b", b"1", UNTIL) != store.create("c", b"2", UNTIL)


def test_keys_are_listed_by_how_they_begin(store: Store) -> None:
    for key in ("runs/b", "runs/a", "leases/a", "ru"):
        store.create(key, key.encode(), UNTIL)
    assert store.keys("runs/", UNTIL) == ["runs/a", "runs/b"]
    assert store.keys("nothing", UNTIL) == []


def test_on_s3_keys_stand_below_the_prefix_and_lists_have_pages(server: S3Server) -> None:
    bucket = server.new_bucket()
    store = S3Store(_Paged(server.client), bucket, StillClock())
    for number in range(5):
        store.create(f"k{number}", b"{}", UNTIL)
    assert store.keys("k", UNTIL) == ["k0", "k1", "k2", "k3", "k4"]
    assert server.keys(bucket) == [f"_state/k{number}" for number in range(5)]


class _Paged:
    """A client whose lists have pages of two."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def list_objects_v2(self, **request: Any) -> Any:
        return self._client.list_objects_v2(**request, MaxKeys=2)


class _Losing(_Paged):
    """A client whose next writes meet what they are told; None is an answer that is lost after the write."""

    def __init__(self, client: Any, *faults: Exception | None) -> None:
        super().__init__(client)
        self.faults = list(faults)

    def put_object(self, **request: Any) -> Any:
        if not self.faults:
            return self._client.put_object(**request)
        fault = self.faults.pop(0)
        if fault is None:
            self._client.put_object(**request)
            raise ConnectionClosedError(endpoint_url="e")
        raise fault


def losing(server: S3Server, *faults: Exception | None) -> tuple[S3Store, StillClock]:
    clock = StillClock()
    return S3Store(_Losing(server.client, *faults), server.new_bucket(), clock, draws=LongestWaits()), clock


def test_a_creation_whose_answer_was_lost_is_known_to_be_ones_own(server: S3Server) -> None:
    store, clock = losing(server, None)
    version = store.create("a", b"mine", UNTIL)
    assert store.get("a", UNTIL) == Stored(b"mine", str(version))
    assert clock.slept == [1]


def test_a_replacement_whose_answer_was_lost_is_known_to_be_ones_own(server: S3Server) -> None:
    store, _ = losing(server)
    first = str(store.create("a", b"1", UNTIL))
    store._client.faults.append(None)
    second = store.replace("a", b"2", first, UNTIL)
    assert store.get("a", UNTIL) == Stored(b"2", str(second))


def test_another_write_under_way_is_waited_for(server: S3Server) -> None:
    conflict = client_error("ConditionalRequestConflict", status=409)
    store, clock = losing(server, conflict, conflict)
    assert store.create("a", b"1", UNTIL) is not None
    assert clock.slept == [1, 2]


def test_busy_for_too_long_is_told(server: S3Server) -> None:
    store, _ = losing(server, *[client_error("SlowDown", "Slow Down", 503)] * 20)
    with pytest.raises(TimedOutError, match="S3 PutObject: throttled until the time was over"):
        store.create("a", b"1", UNTIL)


def test_a_refusal_is_told_with_what_is_missing(server: S3Server) -> None:
    bucket = server.new_bucket()
    store = S3Store(server.client, bucket, StillClock())
    with (
        server.failing(Faults(statuses=(403,), count=1, wanted=lambda each: each.bucket == bucket)),
        pytest.raises(
            RefusedCallError, match=r"S3 GetObject: AccessDenied: .*; the caller's policy does not allow it"
        ),
    ):
        store.get("a", UNTIL)


def test_a_bucket_that_is_not_there_is_no_empty_store(server: S3Server) -> None:
    store = S3Store(server.client, "no-such-bucket", StillClock())
    with pytest.raises(RefusedCallError, match="S3 GetObject: NoSuchBucket"):
        store.get("a", UNTIL)
    with pytest.raises(RefusedCallError, match="S3 ListObjectsV2: NoSuchBucket"):
        store.keys("", UNTIL)
