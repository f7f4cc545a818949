"""A living cluster is told from the one that the file asks for now, as far as that can be known."""

from typing import Any

import pytest

from orchestrator.ownership import REQUEST
from orchestrator.planning.likeness import unlike

WANTED: dict[str, Any] = {
    "ReleaseLabel": "emr-7.14.0",
    "Applications": [{"Name": "Spark"}],
    "Tags": [{"Key": "team", "Value": "data"}, {"Key": REQUEST, "Value": "new"}],
}
LIVING: dict[str, Any] = {
    "Id": "j-1",
    "ReleaseLabel": "emr-7.14.0",
    "StepConcurrencyLevel": 1,
    "Applications": [{"Name": "Spark", "Version": "3.5.8"}, {"Name": "Hadoop"}],
    "Tags": [{"Key": "team", "Value": "data"}, {"Key": REQUEST, "Value": "old"}],
}


def tags(team: str, request: str | None) -> dict[str, Any]:
    ours = [] if request is None else [{"Key": REQUEST, "Value": request}]
    return {"Tags": [{"Key": "team", "Value": team}, *ours]}


@pytest.mark.parametrize(
    ("living", "told"),
    [
        ({}, "in what EMR does not tell of it: fleets, configurations or bootstrap actions"),
        ({"ReleaseLabel": "emr-7.13.0"}, "ReleaseLabel emr-7.13.0, now emr-7.14.0"),
        ({"StepConcurrencyLevel": 4}, "StepConcurrencyLevel 4, now 1"),
        ({"SecurityConfiguration": "s"}, "SecurityConfiguration s, now none"),
        ({"Applications": [{"Name": "Hive"}]}, "without Spark"),
        (tags("web", "old"), "tag team web, now data"),
        (tags("web", None), "tag team web, now data"),
        (
            {"ReleaseLabel": "emr-7.13.0", **tags("web", "old")},
            "ReleaseLabel emr-7.13.0, now emr-7.14.0, tag team web, now data",
        ),
    ],
)
def test_a_cluster_that_was_made_from_another_request_is_told(living: dict[str, Any], told: str) -> None:
    assert unlike({**LIVING, **living}, WANTED, has_key=True) == (
        f"j-1 was made from another request than the file asks for now ({told}), and is used as it is; for a new one "
        "launch with another --key, or end it first: orchestrator terminate j-1 --yes"
    )


def test_a_runs_key_makes_no_other_cluster() -> None:
    found = unlike(LIVING, WANTED, has_key=False)
    assert found is not None
    assert found.endswith("; for a new one end it first: orchestrator terminate j-1 --yes")


@pytest.mark.parametrize(
    ("living", "wanted"),
    [
        # The same request, whatever was changed on the cluster since.
        ({**tags("data", "new"), "StepConcurrencyLevel": 4}, {}),
        # Launched before there was such a tag, and nothing to be seen.
        (tags("data", None), {}),
        ({}, tags("data", None)),
    ],
)
def test_where_nothing_differs_or_can_be_known_nothing_is_said(
    living: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert unlike({**LIVING, **living}, {**WANTED, **wanted}, has_key=True) is None
