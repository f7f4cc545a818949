"""A request as the rules look at it."""

import pytest

from orchestrator.config.limits import Limits
from orchestrator.rules.cluster import Cluster
from orchestrator.rules.releases import Release


@pytest.mark.parametrize(
    ("request_", "release"),
    [
        ({"ReleaseLabel": "emr-7.14.0"}, (7, 14, 0)),
        ({"ReleaseLabel": "emr-3.11.0"}, None),
        ({"ReleaseLabel": "x"}, None),
        ({"AmiVersion": "2.4"}, (3, 11, 0)),
        ({}, None),
    ],
)
def test_a_request_has_a_release_or_none(request_: dict[str, str], release: Release | None) -> None:
    assert Cluster(request_, Limits()).release == release


def test_an_empty_request_has_nothing() -> None:
    empty = Cluster({}, Limits())
    assert (empty.fleets, empty.groups, empty.steps, empty.has_fleets) == ([], [], [], False)
    assert (empty.is_kept_alive, empty.concurrency, empty.applications()) == (False, 1, set())
    assert not empty.lacks((5,))
