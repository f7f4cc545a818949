"""Clusters by their ids, and pages of lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.api.errors import AwsError
from local_aws.emr.account import page, refuse_ending
from tests.local_aws.emr.launching import Laptop


@given(st.lists(st.integers()), st.integers(1, 7))
def test_pages_hold_each_item_once_and_in_order(items: list[int], size: int) -> None:
    found: list[int] = []
    request: dict[str, str] = {"Filter": "x"}
    while True:
        cut, marker = page(items, request, size)
        found += cut
        if not marker:
            break
        assert len(cut) == size
        request = {"Filter": "x", **marker}
    assert found == items


@pytest.mark.parametrize("marker", ["?", "ü", "YWJj", "MDAwMDAwMDA6NQ=="])
def test_a_marker_that_was_not_given_is_refused(marker: str) -> None:
    with pytest.raises(AwsError) as raised:
        page([1, 2, 3], {"Marker": marker}, 1)
    assert raised.value.code == "InvalidRequestException"


def test_a_cluster_is_forgotten_two_months_after_its_end() -> None:
    laptop = Laptop()
    ended, living = laptop.launch(), laptop.launch(hours=1)
    laptop.call("TerminateJobFlows", JobFlowIds=[ended])
    laptop.emr.advance(59 * 86400)
    assert laptop.status(ended)[0] == "TERMINATED"
    assert len(laptop.call("ListClusters")["Clusters"]) == 2
    laptop.emr.advance(2 * 86400)
    assert [one["Id"] for one in laptop.call("ListClusters")["Clusters"]] == [living]
    for name in ("DescribeCluster", "ListSteps", "ListInstances"):
        assert laptop.refused(name, ClusterId=ended) == (
            "InvalidRequestException",
            f"Cluster id '{ended}' is not valid.",
        )
    assert laptop.refused("TerminateJobFlows", JobFlowIds=[ended])[0] == "ValidationException"
    laptop.emr.advance(400 * 86400)
    assert laptop.status(living)[0] == "WAITING"


def test_the_two_families_of_operations_have_errors_of_their_own() -> None:
    laptop = Laptop()
    account = laptop.emr.account
    cluster = laptop.launch()
    assert account.machine(cluster) is account.job_flow(cluster)
    for find, code in (
        (account.machine, "InvalidRequestException"),
        (account.job_flow, "ValidationException"),
    ):
        with pytest.raises(AwsError) as raised:
            find("j-X")
        assert raised.value.code == code
    refuse_ending(account.machine(cluster).cluster)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    for is_job_flow, code in ((True, "ValidationException"), (False, "InvalidRequestException")):
        with pytest.raises(AwsError) as raised:
            refuse_ending(account.machine(cluster).cluster, is_job_flow=is_job_flow)
        assert raised.value.code == code
