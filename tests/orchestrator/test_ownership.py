"""Whose a cluster is: tag and token, both; and limits that are read as they were written."""

from typing import Any

import pytest
from botocore.session import get_session
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.identity import Token, named
from orchestrator.ownership import IDLE, LIFETIME, OWNER, REQUEST, RUN, Owned, Ownership, owned

TOKEN = Token("0123456789abcdef0123")
OURS = Ownership("my-bucket", "r1", 3600, 600, "0123")


def cluster(ownership: Ownership | None = OURS, name: str = named("nightly", TOKEN)) -> dict[str, Any]:
    return {"Name": name, "Tags": [] if ownership is None else ownership.tags()}


def with_tag(key: str, value: str) -> dict[str, Any]:
    tags = [tag for tag in OURS.tags() if tag["Key"] != key]
    return {"Name": named("nightly", TOKEN), "Tags": [*tags, {"Key": key, "Value": value}]}


@settings(max_examples=60)
@given(
    st.builds(
        Ownership,
        st.text("abc-.", min_size=3, max_size=9),
        st.none() | st.text("abc123", min_size=1, max_size=9),
        st.none() | st.integers(0, 10**9).map(float),
        st.none() | st.integers(0, 10**9).map(float),
        st.none() | st.text("abc123", min_size=1, max_size=9),
    )
)
def test_what_was_written_into_tags_is_read_again(ownership: Ownership) -> None:
    assert owned(cluster(ownership), ownership.owner) == Owned(TOKEN, ownership)


def test_tags_are_texts_and_those_without_a_value_are_left_out() -> None:
    assert OURS.tags() == [
        {"Key": OWNER, "Value": "my-bucket"},
        {"Key": RUN, "Value": "r1"},
        {"Key": LIFETIME, "Value": "3600"},
        {"Key": IDLE, "Value": "600"},
        {"Key": REQUEST, "Value": "0123"},
    ]
    assert Ownership("my-bucket").tags() == [{"Key": OWNER, "Value": "my-bucket"}]


def test_tags_fit_the_service_model() -> None:
    shape = get_session().get_service_model("emr").shape_for("Tag")
    assert {key for tag in OURS.tags() for key in tag} == set(vars(shape)["_shape_model"]["members"])
    assert all(
        len(key) <= 128 and not key.startswith("aws:") for key in (OWNER, RUN, LIFETIME, IDLE, REQUEST)
    )


@pytest.mark.parametrize(
    "of_another",
    [
        cluster(None),
        cluster(Ownership("another-bucket", "r1")),
        cluster(name="nightly"),
        cluster(name=f"({TOKEN}) nightly"),
        with_tag(OWNER, "My-Bucket"),
        with_tag(OWNER.upper(), "my-bucket") | {"Tags": [{"Key": OWNER.upper(), "Value": "my-bucket"}]},
        {"Name": named("nightly", TOKEN)},
        {},
    ],
)
def test_a_cluster_without_our_tag_or_without_a_token_is_not_ours(of_another: dict[str, Any]) -> None:
    assert owned(of_another, "my-bucket") is None


@pytest.mark.parametrize("text", ["", "-1", "1.5", "soon", "1e3", " 60", "0x10", "nan", "inf", "²"])
@pytest.mark.parametrize(("key", "name"), [(LIFETIME, "max_lifetime_s"), (IDLE, "idle_timeout_s")])
def test_a_limit_that_cannot_be_read_is_none_and_the_cluster_stays_ours(
    key: str, name: str, text: str
) -> None:
    found = owned(with_tag(key, text), "my-bucket")
    assert found is not None
    assert getattr(found.ownership, name) is None


def test_a_limit_of_nought_is_a_limit() -> None:
    found = owned(with_tag(LIFETIME, "0"), "my-bucket")
    assert found is not None
    assert found.ownership.max_lifetime_s == 0.0
