"""Tokens in names: found again, whatever the name; the same run has the same id."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import UsageError
from orchestrator.identity import (
    MOST_CHARACTERS,
    MOST_OF_APPLICATION,
    RUN_ID,
    Token,
    bare_name,
    digest,
    named,
    named_application,
    run_id,
    token_of,
)

BASE = "0123456789abcdef0123"
NAMES = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="<>$|`"), min_size=1, max_size=200
).filter(lambda name: bool(name.strip()) and name.isprintable())
TOKENS = st.builds(Token, st.text("0123456789abcdef", min_size=20, max_size=20), st.integers(1, 10**6))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=4,
)


def test_a_name_carries_its_token_at_the_end() -> None:
    assert named("device_readings", Token(BASE, 2)) == f"device_readings (ejs-{BASE}-2)"


@settings(max_examples=100)
@given(NAMES, TOKENS)
def test_what_was_put_into_a_name_is_found_again(name: str, token: Token) -> None:
    full = named(name, token)
    assert token_of(full) == token
    assert bare_name(full) == name.rstrip()


@settings(max_examples=50)
@given(NAMES, TOKENS, TOKENS)
def test_a_name_that_looks_like_ours_has_the_last_token(name: str, first: Token, last: Token) -> None:
    assert token_of(f"{name} ({first}) ({last})") == last


@settings(max_examples=50)
@given(
    st.from_regex(r"[A-Za-z0-9._/#-]{1,30}", fullmatch=True),
    st.builds(Token, st.just(BASE), st.integers(1, 999)),
)
def test_what_was_put_into_an_applications_name_is_found_again(name: str, token: Token) -> None:
    full = named_application(name, token)
    assert (token_of(full), len(full) <= MOST_OF_APPLICATION) == (token, True)
    if token_of(name) is None:
        assert bare_name(full) == name


@pytest.mark.parametrize("name", ["", "a b", "a(b)", "ü", "a" * 38])
def test_an_applications_name_that_aws_would_refuse_is_told(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"name: expected 1 to 37 of A-Z, a-z, 0-9 and \._/#- beside the token"
    ):
        named_application(name, Token(BASE))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "device_readings",
        f"x/ejs-{BASE}-0",
        f"x/ejs-{BASE}-1)",
        f"x-ejs-{BASE}-1",
        f"x/ejs-{BASE}-1/",
        f"ejs-{BASE}-1",
        f"(ejs-{BASE}-1) more",
        f"x (ejs-{BASE}-0)",
        f"x (ejs-{BASE}-01)",
        f"x (ejs-{BASE[:-1]}-1)",
        f"x (ejs-{BASE.upper()}-1)",
        f"x (ejs-{BASE}-)",
        f"x (EJS-{BASE}-1)",
        f"x (ejs-{BASE}-1)\n",
        f"x (ejs-{BASE}-\u0661)",
    ],
)
def test_what_is_not_to_the_letter_a_token_is_none(name: str) -> None:
    assert token_of(name) is None


@pytest.mark.parametrize(
    "name", ["", "  ", "a<b", "a>b", "a$b", "a|b", "a`b", "a\nb", "a\tb", "a\x1bb", "a\u202eb", "a\x00"]
)
def test_names_that_emr_or_a_terminal_would_not_take_are_refused(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        named(name, Token(BASE))
    assert str(raised.value) == (
        f"Name: expected some text without $<>`| and control characters, got {name!r}"
    )


def test_a_name_may_be_as_long_as_emr_allows_and_not_one_more() -> None:
    token = Token(BASE, 12)
    room = MOST_CHARACTERS - len(f" ({token})")
    assert len(named("x" * room, token)) == 256
    with pytest.raises(
        UsageError, match=f"Name: expected up to {room} characters beside the token, got {room + 1}"
    ):
        named("x" * (room + 1), token)


def test_tokens_are_ordered_by_their_numbers() -> None:
    assert sorted([Token(BASE, 10), Token(BASE, 9)]) == [Token(BASE, 9), Token(BASE, 10)]


@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_the_order_of_keys_makes_no_other_run(names: dict[str, object]) -> None:
    other = dict(reversed(names.items()))
    assert run_id("job", names, "k") == run_id("job", other, "k")
    assert RUN_ID.fullmatch(run_id("job", names, "k"))


def test_anything_else_makes_another_run() -> None:
    ids = {
        run_id("job", {"a": 1}, "k"),
        run_id("pipeline", {"a": 1}, "k"),
        run_id("job", {"a": "1"}, "k"),
        run_id("job", {"a": 1}, "K"),
        run_id("job", {"a": [1]}, "k"),
    }
    assert len(ids) == 5


def test_parts_do_not_run_into_each_other() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("x") == digest("x") != digest("y")
    assert len(digest("x")) == 20
