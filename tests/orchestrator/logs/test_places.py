"""Where logs are: by LogUri of the step, or of the cluster, however it is written."""

import pytest
from botocore.session import get_session

from orchestrator.logs.places import Folder, Place, applications, folder_of, is_drivers, place_of

CLUSTER = {"Id": "j-1", "LogUri": "s3n://logs/emr/"}


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("s3://logs/emr", Folder("logs", "emr")),
        ("s3n://logs/emr/", Folder("logs", "emr")),
        ("s3a://logs/emr//", Folder("logs", "emr")),
        ("s3://logs", Folder("logs", "")),
        ("s3://logs/", Folder("logs", "")),
        ("s3://logs/a b/ü", Folder("logs", "a b/ü")),
        ("hdfs://logs/emr", None),
        ("logs/emr", None),
        ("s3://", None),
        ("", None),
    ],
)
def test_a_log_uri_is_a_folder(uri: str, folder: Folder | None) -> None:
    assert folder_of(uri) == folder


@pytest.mark.parametrize(
    ("folder", "prefix"), [(Folder("b", ""), "j-1/steps/s-1/"), (Folder("b", "x/y"), "x/y/j-1/steps/s-1/")]
)
def test_a_steps_logs_stand_below_cluster_and_step(folder: Folder, prefix: str) -> None:
    assert Place(folder, "j-1", "s-1").step_prefix == prefix


def test_a_job_runs_logs_stand_below_its_application_the_drivers_among_them() -> None:
    place = Place(Folder("b", "logs"), "00fvk8a7dhcpqo0b", "00gvk8a7dhcpqo0b")
    prefix = "logs/applications/00fvk8a7dhcpqo0b/jobs/00gvk8a7dhcpqo0b/"
    assert place.step_prefix == prefix
    assert is_drivers(f"{prefix}attempts/2/SPARK_DRIVER/stderr.gz")
    assert not is_drivers(f"{prefix}SPARK_EXECUTOR/1/stderr.gz")


def test_a_steps_own_place_wins() -> None:
    assert place_of(CLUSTER, {"Id": "s-1"}) == Place(Folder("logs", "emr"), "j-1", "s-1")
    own = {"Id": "s-1", "LogUri": "s3://own/"}
    assert place_of(CLUSTER, own) == Place(Folder("own", ""), "j-1", "s-1", is_own=True)
    assert place_of({"Id": "j-1"}, {"Id": "s-1"}) is None


def test_steps_and_clusters_tell_their_log_uri_by_that_name() -> None:
    model = get_session().get_service_model("emr")
    for name in ("Cluster", "Step", "StepSummary", "S3MonitoringConfiguration"):
        assert "LogUri" in vars(model.shape_for(name))["_shape_model"]["members"]


def test_applications_are_those_that_are_spoken_of_last() -> None:
    lines = [
        "INFO Client: Submitted application application_17_0001",
        "application_17_0002 application_17_0001",
        "xapplication_17_0009",
    ]
    assert applications(lines) == ["application_17_0002", "application_17_0001"]
    assert applications(lines, most=1) == ["application_17_0001"]
    assert applications([]) == []


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("j/containers/application_1_0001/container_1_0001_01_000001/stderr.gz", True),
        ("j/containers/application_1_0001/container_1_0001_02_000001/stdout.gz", True),
        ("j/containers/application_1_0001/container_e05_1_0001_01_000001/stdout", True),
        ("j/containers/application_1_0001/container_1_0001_01_000002/stderr.gz", False),
        ("j/containers/application_1_0001/container_1_0001_01_1000001/stderr.gz", False),
    ],
)
def test_a_drivers_log_is_the_first_containers(key: str, found: bool) -> None:
    assert is_drivers(key) is found
