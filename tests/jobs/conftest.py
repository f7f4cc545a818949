"""Whole runs by either reader."""

from collections.abc import Iterator

import pytest

from tests.jobs.running import Reader


@pytest.fixture(scope="module", params=["fast", "portable"])
def reader(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let runs that do not say theirs take each reader in turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "flags", ("--reader", request.param))
        yield str(request.param)
