"""Lists in pages."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.api.pages import page

ITEMS = list(range(12))
REFUSAL = AwsError("InvalidRequestException", "no such page")


def test_pages_follow_each_other_until_nothing_is_left() -> None:
    found, sizes, token = [], [], None
    while True:
        cut, token = page(ITEMS, 5, {"states": ["x"]}, token, REFUSAL)
        found += cut
        sizes.append(len(cut))
        if token is None:
            break
    assert (found, sizes) == (ITEMS, [5, 5, 2])


def test_a_list_that_fills_its_pages_ends_with_the_last_of_them() -> None:
    _, token = page(ITEMS, 6, {}, "", REFUSAL)
    assert page(ITEMS, 6, {}, token, REFUSAL) == (ITEMS[6:], None)


def test_a_token_holds_for_its_filters_in_whatever_order_they_come() -> None:
    _, token = page(ITEMS, 5, {"a": 1, "b": 2}, None, REFUSAL)
    assert page(ITEMS, 5, {"b": 2, "a": 1}, token, REFUSAL)[0] == ITEMS[5:10]
    with pytest.raises(AwsError) as raised:
        page(ITEMS, 5, {"a": 1, "b": 3}, token, REFUSAL)
    assert raised.value is REFUSAL


@pytest.mark.parametrize("token", ["?", "ü", "YWJj", "MDAwMDAwMDA6NQ=="])
def test_a_token_that_was_not_given_is_refused(token: str) -> None:
    with pytest.raises(AwsError, match="no such page"):
        page(ITEMS, 5, {}, token, REFUSAL)
