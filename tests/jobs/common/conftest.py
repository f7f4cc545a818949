"""Tests of the frame are many and small: Spark interprets what it runs for them."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def interpreted_frame(request: pytest.FixtureRequest) -> None:
    """Let Spark interpret, in files that ask for the session."""
    if any(item.path == request.path and item.get_closest_marker("spark") for item in request.session.items):
        request.getfixturevalue("interpreted")
