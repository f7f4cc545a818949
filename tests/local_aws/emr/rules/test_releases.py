"""Releases by their labels."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr.rules.releases import Release, check_label, release_of


def release(label: str) -> Release:
    parsed = Release.parse(label)
    assert parsed is not None
    return parsed


def test_both_forms_of_labels_are_releases() -> None:
    assert release("emr-7.14.0") == (7, 14, 0, False)
    assert release("emr-spark-8.0.0") == (8, 0, 0, True)
    assert release("emr-5.3.1") == (5, 3, 1, False)


def test_releases_compare_by_their_numbers_and_not_by_their_letters() -> None:
    labels = [
        "emr-4.9.6",
        "emr-5.9.0",
        "emr-5.12.1",
        "emr-6.0.0",
        "emr-7.13.0",
        "emr-7.999.9",
        "emr-spark-8.0.0",
    ]
    releases = [release(label) for label in labels]
    assert sorted(set(releases)) == releases


@pytest.mark.parametrize(
    "label",
    [
        "",
        "emr-7.14",
        "emr-7.14.0.1",
        "emr-7.14.0\n",
        "emr-07.14.0",
        "emr-7.14.x",
        "EMR-7.14.0",
        "7.14.0",
        "emr-spark-",
        "emr-flink-8.0.0",
        "emr-7.1४.0",
    ],
)
def test_another_label_is_refused_with_its_text(label: str) -> None:
    assert Release.parse(label) is None
    with pytest.raises(AwsError) as raised:
        check_label(label)
    assert raised.value.code == "ValidationException"
    assert raised.value.message == f"The supplied release label is invalid: {label}."


def test_what_is_older_than_4_has_no_label() -> None:
    assert check_label("emr-4.0.0") == (4, 0, 0, False)
    with pytest.raises(AwsError, match=r"invalid: emr-3\.11\.0\."):
        check_label("emr-3.11.0")


def test_a_request_with_an_ami_version_has_none_of_the_newer_features() -> None:
    assert release_of({"ReleaseLabel": "emr-7.14.0"}) == (7, 14, 0, False)
    assert release_of({"AmiVersion": "3.11.0"}) < (4,)


@pytest.mark.parametrize(
    ("feature", "without", "with_it"),
    [
        ("has_fleets", ["emr-4.7.4", "emr-5.0.0", "emr-5.0.3"], ["emr-4.8.0", "emr-4.10.1", "emr-5.1.0"]),
        ("has_allocation_strategies", ["emr-4.9.6", "emr-5.12.0"], ["emr-5.12.1", "emr-6.0.0"]),
        (
            "has_managed_scaling",
            ["emr-5.29.0", "emr-6.0.0", "emr-6.0.1"],
            ["emr-5.30.0", "emr-5.36.2", "emr-6.1.0"],
        ),
        (
            "has_auto_termination",
            ["emr-5.29.0", "emr-6.0.0", "emr-6.0.1"],
            ["emr-5.30.0", "emr-5.36.2", "emr-6.1.0"],
        ),
        ("has_larger_default_volumes", ["emr-4.9.6", "emr-5.21.2"], ["emr-5.22.0"]),
        ("has_large_fleets", ["emr-6.15.0", "emr-7.6.0"], ["emr-7.7.0"]),
        ("has_step_concurrency", ["emr-5.9.0", "emr-5.27.1"], ["emr-5.28.0", "emr-6.0.0"]),
        ("cancels_steps", ["emr-4.7.4", "emr-5.0.0"], ["emr-4.8.0", "emr-5.0.3", "emr-5.1.0"]),
        ("cancels_running_steps", ["emr-5.27.1"], ["emr-5.28.0"]),
        ("has_custom_ami", ["emr-5.6.1"], ["emr-5.7.0"]),
        ("has_three_masters", ["emr-5.22.0"], ["emr-5.23.0"]),
        ("has_root_volume_performance", ["emr-5.36.2", "emr-6.14.0"], ["emr-6.15.0", "emr-7.0.0"]),
    ],
)
def test_a_feature_begins_with_a_release(feature: str, without: list[str], with_it: list[str]) -> None:
    assert [getattr(release(label), feature) for label in without] == [False] * len(without)
    for label in (*with_it, "emr-7.14.0", "emr-spark-8.0.0"):
        assert getattr(release(label), feature), label
