"""What is sent is held against the rules: a file that is well may become a request that EMR refuses."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.findings import FindingsError
from orchestrator.planning import clusters
from orchestrator.plans import PlannedJob
from tests.orchestrator.planning.world import cluster, collected


def job(name: str = "readings", characters: int = 0) -> PlannedJob:
    jar = {"Jar": "x.jar", "Args": ["a" * characters]}
    step = {"Name": name, "ActionOnFailure": "TERMINATE_CLUSTER", "HadoopJarStep": jar}
    return PlannedJob(name=name, run_id="r1", base="a" * 20, step=step, output="s3://o", manifest="s3://m")


def own(folder: Path, jobs: Sequence[PlannedJob], tags: int = 0, actions: int = 0) -> None:
    made = cluster(folder)
    script = {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://code/b.sh"}}
    added = {
        "Tags": [{"Key": f"k{number}", "Value": ""} for number in range(tags)],
        "BootstrapActions": [script] * actions,
    }
    made = replace(made, request={**made.request, **added})
    clusters.own(made, "state", "r1", collected().artifacts, jobs, "two")


@pytest.mark.parametrize(
    ("jobs", "tags", "actions", "text"),
    [
        (
            [job("first"), job("second", 10_236)],
            0,
            0,
            "Steps[1].HadoopJarStep: too many characters in the request {}, job second, got 10241",
        ),
        (
            [job()] * 257,
            0,
            0,
            "Steps: too many steps in the request {}, got 257; expected at most 256",
        ),
        (
            [job()],
            47,
            0,
            "Tags: too many tags in the request {}, got 51; expected at most 50",
        ),
        (
            [job()],
            0,
            17,
            "BootstrapActions: too many bootstrap actions in the request {}, got 17; expected at most 16",
        ),
    ],
)
def test_what_a_run_adds_beyond_what_emr_takes_is_refused_with_the_file_and_the_pipeline(
    tmp_path: Path, jobs: list[PlannedJob], tags: int, actions: int, text: str
) -> None:
    with pytest.raises(FindingsError) as raised:
        own(tmp_path, jobs, tags, actions)
    [_, line] = str(raised.value).splitlines()
    assert line.startswith(
        f"{tmp_path}/cluster.yaml: ERROR: {text.format('of a cluster for the pipeline two')}"
    )
    assert "; see https://docs.aws.amazon.com/" in line


def test_what_emr_just_takes_is_planned(tmp_path: Path) -> None:
    own(tmp_path, [job(str(number), 10_235) for number in range(256)], tags=46, actions=16)


def test_the_launch_of_a_long_running_cluster_is_held_against_the_rules_too(tmp_path: Path) -> None:
    made = cluster(tmp_path, keeps=True)
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(49)]
    made = replace(made, request={**made.request, "Tags": tags})
    with pytest.raises(FindingsError, match="Tags: too many tags in the request of the launch, got 5"):
        clusters.shared(made, "state", "", collected().artifacts)
