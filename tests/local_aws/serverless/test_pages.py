"""Lists in pages."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.serverless.entities import Application
from local_aws.serverless.pages import grouped, page

ITEMS = list(range(120))


def test_pages_follow_each_other_until_nothing_is_left() -> None:
    found: list[int] = []
    request: dict[str, object] = {"states": ["x"]}
    sizes = []
    while True:
        part, more = page(ITEMS, request)
        found += part
        sizes.append(len(part))
        if not more:
            break
        request = {"states": ["x"], **more}
    assert (found, sizes) == (ITEMS, [50, 50, 20])


def test_a_page_is_as_large_as_is_asked_for() -> None:
    part, more = page(ITEMS, {"maxResults": 7})
    assert (part, len(page(ITEMS, {"maxResults": 3, **more})[0])) == (ITEMS[:7], 3)


@pytest.mark.parametrize("token", ["x", "YWJj", "!"])
def test_a_token_of_another_list_is_refused(token: str) -> None:
    _, more = page(ITEMS, {"states": ["x"]})
    for wrong in (token, more["nextToken"]):
        with pytest.raises(AwsError, match="ValidationException: Invalid nextToken"):
            page(ITEMS, {"nextToken": wrong})


def test_a_filter_of_states_groups_by_them() -> None:
    states = ["STARTED", "CREATED", "STOPPED", "STARTED"]
    every = [Application(str(at), {}, 0, 0, state=state) for at, state in enumerate(states)]
    assert [one.id for one in grouped(every, ["CREATED", "STARTED", "CREATED"])] == ["1", "0", "3"]
    assert grouped(every, None) == every
