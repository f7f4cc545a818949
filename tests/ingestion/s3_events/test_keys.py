"""Keys: decoded once, checked, and allowed by bucket and prefix."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.s3_events.keys import check, check_allowed, decoded, shown
from ingestion.s3_events.model import AllowList, Reason, RefusedError


@given(st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_a_key_is_decoded_as_s3_encodes_it(key: str) -> None:
    assert decoded(quote_plus(key)) == key
    assert decoded(quote_plus(key, safe="/")) == key


@pytest.mark.parametrize("key", ["a/..b/c", "a/b../c", "...", "a/.b", "100%", "a%20b", "ä" * 512, "a//b"])
def test_keys_that_only_look_odd_are_taken(key: str) -> None:
    check(key)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("..", Reason.KEY_GOES_UP),
        ("a/..", Reason.KEY_GOES_UP),
        ("a\\..\\b", Reason.KEY_GOES_UP),
        ("a\x7f", Reason.KEY_CONTROL_CHARACTER),
        ("a\u2028", Reason.KEY_CONTROL_CHARACTER),
        ("a\x85", Reason.KEY_CONTROL_CHARACTER),
        ("%2E%2E/a", Reason.KEY_ENCODED_TWICE),
        ("a%00", Reason.KEY_ENCODED_TWICE),
        ("ä" * 513, Reason.KEY_TOO_LONG),
    ],
)
def test_keys_that_lead_astray_are_refused(key: str, reason: Reason) -> None:
    with pytest.raises(RefusedError) as refused:
        check(key)
    assert refused.value.reason is reason


def test_a_bucket_without_prefixes_takes_nothing_and_an_empty_prefix_all() -> None:
    check_allowed("all", "anything", AllowList({"all": ("",)}))
    for allowed, text in (
        (AllowList({"none": ()}), "key: expected one below none in none, got 'a'"),
        (AllowList({}), "bucket: expected one of none, got 'none'"),
    ):
        with pytest.raises(RefusedError) as refused:
            check_allowed("none", "a", allowed)
        assert refused.value.text == text


def test_values_are_shown_on_one_short_line() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert shown("\u202e") == "'\\u202e'"
    assert len(shown("a" * 1000)) == 120
