"""Inputs are listed once: the same listing gives the same key, another one another."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.aws.faults import RefusedCallError
from orchestrator.errors import UsageError
from orchestrator.planning import inputs
from orchestrator.planning.inputs import Listing, list_inputs
from tests.orchestrator.planning.world import UNTIL, Lake, objects

RAW = ["s3://lake/raw/"]


def listing(lake: Lake, uris: list[str] = RAW, *, is_pinned: bool = True) -> Listing:
    return list_inputs(objects(lake), uris, UNTIL, is_pinned=is_pinned)


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("s3://lake/raw/", ["raw/a", "raw/day/b"]),
        ("s3://lake/raw", ["raw/a", "raw/day/b"]),
        ("s3://lake/raw/a", ["raw/a"]),
        ("s3://lake/raw/day/", ["raw/day/b"]),
        ("s3://lake/", ["raw/a", "raw/day/b", "rawest/c"]),
        ("s3a://lake/raw/a", ["raw/a"]),
    ],
)
def test_an_input_is_a_prefix_or_an_object_without_what_is_hidden(uri: str, kept: list[str]) -> None:
    keys = [
        "raw/day/b",
        "raw/a",
        "rawest/c",
        "raw/_tmp/x",
        "raw/.y",
        "raw/day/_SUCCESS",
        "_z",
        "raw/empty",
        "raw/",
    ]
    lake = Lake({key: b"" if key in {"raw/empty", "raw/"} else b"x" for key in keys})
    scheme = uri.partition("://")[0]
    found = listing(lake, [uri])
    assert found.uris == tuple(f"{scheme}://lake/{key}" for key in kept)
    assert found.text == "".join(f"{each}\n" for each in found.uris)
    assert found.sha256 == hashlib.sha256(found.text.encode()).hexdigest()


def test_what_comes_twice_is_listed_once() -> None:
    lake = Lake()
    assert listing(lake, [*RAW, "s3://lake/raw/a.json"]).uris == listing(lake).uris


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.binary(min_size=1, max_size=3), min_size=1))
def test_the_same_objects_give_the_same_key_and_any_change_another(held: dict[str, bytes]) -> None:
    keyed = {f"raw/{name}": body for name, body in held.items()}
    key = listing(Lake(keyed)).key
    assert listing(Lake(dict(reversed(keyed.items())))).key == key
    name = next(iter(keyed))
    others = [
        {**keyed, name: keyed[name] + b"!"},
        {**keyed, name: bytes([keyed[name][0] ^ 1]) + keyed[name][1:]},
        {**keyed, "raw/new": b"new"},
        {("raw/renamed" if each == name else each): body for each, body in keyed.items()},
    ]
    keys = [listing(Lake(other)).key for other in others]
    assert len({key, *keys}) == 1 + len(others)


def test_what_is_not_pinned_is_known_by_its_hash_only_and_may_be_empty() -> None:
    unpinned = listing(Lake(), is_pinned=False)
    assert (unpinned.uris, unpinned.key) == ((), listing(Lake()).key)
    assert listing(Lake({}), is_pinned=False).key != unpinned.key


@pytest.mark.parametrize("uri", ["hdfs:///raw", "raw/", "s3:///raw", "s3:/lake/raw", "file:///raw", ""])
def test_what_cannot_be_listed_is_refused(uri: str) -> None:
    with pytest.raises(UsageError) as raised:
        listing(Lake(), [uri])
    assert str(raised.value) == (
        f"input {uri}: expected s3://bucket/…, so that it can be listed; else set pin_inputs: false"
    )


def test_all_inputs_without_objects_are_told_at_once() -> None:
    with pytest.raises(UsageError) as raised:
        listing(Lake(), ["s3://lake/none/", *RAW, "s3://lake/ra"])
    assert str(raised.value) == (
        "inputs s3://lake/none/, s3://lake/ra: expected objects, found none; does the prefix end with '/'?"
    )


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MOST_OBJECTS", 2)
    assert len(listing(Lake()).uris) == 2
    with pytest.raises(
        UsageError, match="expected up to 2 objects a run, found more; give it fewer prefixes"
    ):
        listing(Lake({"raw/a": b"x", "raw/b": b"x", "raw/c": b"x"}))


def test_a_bucket_that_may_not_be_listed_is_a_refusal() -> None:
    lake = Lake()
    lake.is_closed = True
    with pytest.raises(RefusedCallError, match="S3 ListObjectsV2: AccessDenied"):
        listing(lake)
