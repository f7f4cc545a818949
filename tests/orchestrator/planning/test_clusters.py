"""From a cluster's file to the request that is sent: token, tags, steps, and no secrets."""

from pathlib import Path

import pytest

from orchestrator.errors import UsageError
from orchestrator.findings import FindingsError
from orchestrator.identity import Token, digest, named
from orchestrator.planning import clusters
from orchestrator.plans import ClusterKind, PlannedCluster, PlannedJob, step_of
from tests.orchestrator.planning.world import cluster, collected

JOB = PlannedJob(
    name="readings",
    run_id="r1",
    base="a" * 20,
    step={"Name": "readings", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "x.jar", "Args": []}},
    output="s3://lake/readings",
    manifest="s3://state/m.json",
)
FOLLOWER = PlannedJob(**{**{name: getattr(JOB, name) for name in JOB.__struct_fields__}, "follows": ["x"]})


def shared(folder: Path, owner: str = "state", key: str = "", further: str = "") -> PlannedCluster:
    return clusters.shared(cluster(folder, keeps=True, further=further), owner, key, collected().artifacts)


def own(folder: Path, jobs: list[PlannedJob], further: str = "") -> PlannedCluster:
    return clusters.own(cluster(folder, further=further), "state", "r1", collected().artifacts, jobs, "two")


def test_a_long_running_cluster_is_the_file_with_token_and_tags(tmp_path: Path) -> None:
    config = cluster(tmp_path, keeps=True)
    base = digest("cluster", "state", "a cluster", "")
    expected = {
        **config.request,
        "Name": named("a cluster", Token(base)),
        "Tags": [
            {"Key": "team", "Value": "data"},
            {"Key": "emr-job-suite:owner", "Value": "state"},
            {"Key": "emr-job-suite:max-lifetime-seconds", "Value": "7200"},
            {"Key": "emr-job-suite:idle-timeout-seconds", "Value": "600"},
            {"Key": "emr-job-suite:request", "Value": "of the file"},
        ],
    }
    planned = shared(tmp_path)
    assert {tag["Key"] for tag in (planned.request or {})["Tags"]} >= {"team", "emr-job-suite:owner"}
    assert (planned.kind, planned.base, planned.number) == (ClusterKind.SHARED, base, 1)
    assert planned.why == f"the long-running cluster of {config.file}"
    without_tags = {**(planned.request or {}), "Tags": []}
    assert without_tags == {**expected, "Tags": []}
    values = [tag["Value"] for tag in (planned.request or {})["Tags"]]
    assert values == ["data", "state", "7200", "600", values[4]]
    assert (
        values[4] != (shared(tmp_path, further="StepConcurrencyLevel: 4").request or {})["Tags"][4]["Value"]
    )
    assert values[4] == (shared(tmp_path, key="k").request or {})["Tags"][4]["Value"]


def test_a_cluster_of_a_run_is_named_after_it_and_carries_its_steps(tmp_path: Path) -> None:
    planned = own(tmp_path, [JOB, FOLLOWER])
    request = planned.request or {}
    base = digest("cluster", "state", "r1")
    assert (planned.kind, planned.base) == (ClusterKind.OWN, base)
    assert request["Name"] == named("a cluster two", Token(base))
    assert request["Steps"] == [step_of(JOB, 1), step_of(FOLLOWER, 1)]
    assert {"Key": "emr-job-suite:run", "Value": "r1"} in request["Tags"]
    assert planned.why.endswith("which ends itself after the last step")


def test_owner_and_key_make_another_cluster_and_the_rest_of_the_file_does_not(tmp_path: Path) -> None:
    bases = [shared(tmp_path, *each).base for each in [("state", ""), ("other", ""), ("state", "k")]]
    assert len(set(bases)) == 3
    assert shared(tmp_path, further="StepConcurrencyLevel: 4").base == bases[0]


def test_a_cluster_that_ends_itself_is_no_long_running_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        clusters.shared(cluster(tmp_path), "state", "", collected().artifacts)
    assert str(raised.value) == (
        f"{tmp_path}/cluster.yaml: its cluster ends itself after its steps (KeepJobFlowAliveWhenNoSteps is not true), "
        "and would have none: name a job (launch FILE --job JOB, or run JOB), or take a long-running cluster's file"
    )


@pytest.mark.parametrize(
    ("further", "jobs", "text"),
    [
        (
            "StepConcurrencyLevel: 2",
            [JOB],
            "leave the key out, or take a long-running cluster's file (--cluster FILE)",
        ),
        (
            "Steps: [{Name: x, HadoopJarStep: {Jar: command-runner.jar}}]",
            [JOB],
            "Steps: expected none, as the run brings its own; make them jobs of a pipeline",
        ),
    ],
)
def test_what_would_break_the_order_of_a_run_is_refused(
    tmp_path: Path, further: str, jobs: list[PlannedJob], text: str
) -> None:
    with pytest.raises(UsageError) as raised:
        own(tmp_path, jobs, further)
    assert str(raised.value).startswith(f"{tmp_path}/cluster.yaml: Step")
    assert str(raised.value).endswith(text)


def test_a_file_with_errors_makes_no_cluster(tmp_path: Path) -> None:
    for further in ("Nmae: x", "CustomAmiId: 3"):
        with pytest.raises(FindingsError):
            shared(tmp_path, further=further)
        with pytest.raises(FindingsError):
            own(tmp_path, [JOB], further)


def test_a_secret_in_the_request_is_refused_and_not_repeated(tmp_path: Path) -> None:
    secret = "AKIA" + "Q3EGYXZ7" * 2
    further = f"AdditionalInfo: 'key {secret} of mine'"
    with pytest.raises(FindingsError) as raised:
        shared(tmp_path, further=further)
    assert secret not in str(raised.value)


def test_scripts_of_the_repository_are_run_by_the_launcher(tmp_path: Path) -> None:
    further = "BootstrapActions: [{Name: b, ScriptBootstrapAction: {Path: bootstrap/none.sh}}]"
    with pytest.raises(UsageError, match=r"expected a script of the repository .* got 'bootstrap/none.sh'"):
        shared(tmp_path, further=further)


def test_a_named_cluster_has_its_id_and_nothing_else() -> None:
    expected = PlannedCluster(kind=ClusterKind.GIVEN, why="named on the command line", id="j-1")
    assert clusters.given("j-1") == expected


def test_advice_is_told_and_no_errors(tmp_path: Path) -> None:
    told = clusters.warnings(cluster(tmp_path, further="Nmae: x"))
    assert told
    assert all(": WARNING: " in each for each in told)


@pytest.mark.parametrize("keeps", [True, False])
def test_who_stays_is_told_from_who_ends(tmp_path: Path, keeps: bool) -> None:
    assert clusters.keeps_alive(cluster(tmp_path, keeps=keeps)) is keeps
