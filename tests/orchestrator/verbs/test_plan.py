"""What is asked for becomes a plan, or a clear refusal; a plan's file is carried out as it is, or not at all."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.simulation import DAY_S
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine import launching
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.findings import FindingsError
from orchestrator.identity import Token, named
from orchestrator.planning.uploading import upload
from orchestrator.plans import ClusterKind, encode, request_of
from orchestrator.verbs.plan import Planned
from orchestrator.verbs.run import begin, drive
from tests.orchestrator.verbs.stands import QUICK, Stand


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """Give a user with files."""
    return Stand(tmp_path)


def run(stand: Stand, made: Planned) -> Any:
    def command(edge: Edge) -> Any:
        until = edge.clock.now() + DAY_S
        return drive(edge, begin(edge, stand.lake, made, until), Rules(), until)

    return stand.do(command)


def launched(stand: Stand) -> str:
    made = stand.plan("long.yaml")
    cluster = made.plan.cluster
    told = stand.do(
        lambda edge: launching.launch(
            edge, str(cluster.base), lambda number: request_of(cluster, [], number), edge.clock.now() + DAY_S
        )
    )
    return str(told.cluster_id)


def ended(stand: Stand, cluster: str) -> None:
    stand.simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    stand.simulation.emr.advance(900)


@pytest.mark.parametrize(
    ("what", "further", "kind", "jobs"),
    [
        ("long.yaml", {}, ClusterKind.SHARED, []),
        ("two.yaml", {}, ClusterKind.OWN, ["readings", "hourly"]),
        ("two.yaml:readings", {}, ClusterKind.OWN, ["readings"]),
        ("two.yaml", {"cluster": "long.yaml"}, ClusterKind.SHARED, ["readings", "hourly"]),
        ("own.yaml", {"job": "two.yaml:readings"}, ClusterKind.OWN, ["readings"]),
        ("own.yaml", {"job": "two.yaml"}, ClusterKind.OWN, ["readings", "hourly"]),
    ],
)
def test_what_is_asked_for_becomes_a_plan(
    stand: Stand, what: str, further: dict[str, Any], kind: ClusterKind, jobs: list[str]
) -> None:
    made = stand.plan(what, **further)
    assert made.plan.cluster.kind is kind
    assert [job.name for job in made.plan.jobs] == jobs
    assert (made.launches, made.is_read, made.standing.record) == (True, False, None)
    assert stand.plan(what, **further).plan == made.plan
    assert (stand.simulation.s3.objects, stand.lake.puts) == ({}, [])
    assert stand.calls("RunJobFlow") == 0


def test_a_cluster_that_is_named_is_used(stand: Stand) -> None:
    cluster = launched(stand)
    made = stand.plan("two.yaml", cluster=cluster)
    assert (made.plan.cluster.kind, made.plan.cluster.id, made.launches) == (
        ClusterKind.GIVEN,
        cluster,
        False,
    )


def test_a_cluster_pasted_in_as_json_is_a_clusters_file(stand: Stand) -> None:
    request = {**(stand.plan("long.yaml").plan.cluster.request or {}), "Name": "pasted"}
    request["Tags"] = [{"Key": "run_id", "Value": "x"}]
    (stand.folder / "pasted.json").write_text(json.dumps(request))
    assert stand.plan("pasted.json").plan.name == "pasted"


def test_variables_and_their_order_give_the_same_plan(stand: Stand) -> None:
    given = {"lake": "lake", "cores": 2}
    made = stand.plan("two.yaml", variables=given).plan
    assert stand.plan("two.yaml", variables=dict(reversed(given.items()))).plan == made
    assert (made.cluster.request or {})["Instances"]["InstanceFleets"][1]["TargetOnDemandCapacity"] == 2


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("own.yaml", {}, "own.yaml: its cluster ends itself after its steps"),
    (
        "none.yaml",
        {},
        "there is no such file, nor a pipeline of that name; expected a file, or a pipeline's name",
    ),
    ("", {}, "a folder; expected a file"),
    ("two.yaml:daily", {}, "expected one of its jobs (readings, hourly), got 'daily'"),
    ("two.yaml", {"job": "x"}, "--job x: it goes with a cluster's file, got"),
    (
        "long.yaml",
        {"job": "two.yaml:readings"},
        "and this one stays (KeepJobFlowAliveWhenNoSteps); run the job on it: orchestrator run",
    ),
    (
        "own.yaml",
        {"job": "two.yaml", "cluster": "j-1"},
        "own.yaml: a cluster's file, expected PIPELINE[:JOB] beside",
    ),
    ("long.yaml", {"cluster": "j-1"}, "a cluster's file, expected PIPELINE[:JOB] beside the cluster j-1"),
    (
        "two.yaml",
        {"cluster": "none.yaml"},
        "none.yaml: expected the id of a cluster (j-…) or a file, there is no such file",
    ),
    ("two.yaml", {"cluster": "j-1"}, "cluster j-1: EMR knows no such cluster in this Region"),
    ("two.yaml", {"cluster": "j-lower"}, "--cluster j-lower: expected the id of a cluster (j-…) or a file"),
    ("two.yaml", {"key": ""}, "--key: expected some text, got none"),
    ("two.yaml", {"variables": {"lakes": "x"}}, "--var lakes: no file declares it; did you mean lake?"),
    ("two.yaml", {"variables": {"lake": "empty"}}, "inputs s3://empty/raw/: expected objects, found none"),
]


@pytest.mark.parametrize(("what", "further", "text"), REFUSED, ids=[text for _, _, text in REFUSED])
def test_what_does_not_fit_together_is_refused(
    stand: Stand, what: str, further: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError) as raised:
        stand.plan(what, **further)
    assert text in str(raised.value)
    assert stand.simulation.s3.objects == {}


def test_a_pipeline_without_a_cluster_wants_one(stand: Stand) -> None:
    text = (stand.folder / "two.yaml").read_text().replace("cluster: own.yaml\n", "")
    (stand.folder / "bare.yaml").write_text(text)
    with pytest.raises(
        UsageError, match=r"cluster: it names none; give a running one \(--cluster j-…\) or a file"
    ):
        stand.plan("bare.yaml")


@pytest.mark.parametrize("body", [b"", b"[1, 2", b"\xff", b"[]", b"null"])
def test_a_file_that_is_nothing_is_refused(stand: Stand, body: bytes) -> None:
    (stand.folder / "odd.json").write_bytes(body)
    with pytest.raises(FindingsError, match=r"odd\.json:1: ERROR: "):
        stand.plan("odd.json")


# Plans as files.


def written(stand: Stand, made: Planned, name: str = "plan.json") -> str:
    (stand.folder / name).write_bytes(encode(made.plan))
    return name


@pytest.mark.parametrize("name", ["plan.json", "nightly.plan"])
@pytest.mark.parametrize("what", ["two.yaml", "long.yaml"])
def test_a_plan_comes_back_from_its_file_whatever_that_is_called(stand: Stand, what: str, name: str) -> None:
    made = stand.plan(what)
    read = stand.plan(written(stand, made, name))
    assert (read.plan, read.is_read, read.standing) == (made.plan, True, made.standing)


def test_what_is_sent_is_the_plans_request_byte_for_byte(stand: Stand) -> None:
    read = stand.plan(written(stand, stand.plan("two.yaml")))
    record = run(stand, read)
    sent = msgspec.json.encode(stand.sent(record.cluster_id), order="sorted")
    assert sent == msgspec.json.encode(read.plan.cluster.request, order="sorted")


@pytest.mark.parametrize(
    ("further", "told"),
    [
        ({"job": "x"}, "--job"),
        ({"cluster": "j-1"}, "--cluster"),
        ({"key": "", "variables": {"lake": "x"}}, "--key, --var"),
    ],
)
def test_a_plan_takes_no_settings(stand: Stand, further: dict[str, Any], told: str) -> None:
    name = written(stand, stand.plan("two.yaml"))
    with pytest.raises(UsageError) as raised:
        stand.plan(name, **further)
    assert str(raised.value) == (
        f"{stand.folder / name}: a plan is carried out as it is, got {told} beside it; plan again with that"
    )


def test_a_plan_of_another_bucket_is_refused(stand: Stand) -> None:
    made = stand.plan("two.yaml")
    other = Planned(msgspec.structs.replace(made.plan, bucket="other"), made.collected, made.standing)
    with pytest.raises(UsageError, match="planned for the bucket other, not for state: give --bucket other"):
        stand.plan(written(stand, other))


def test_a_plan_is_stale_when_its_cluster_has_come_and_gone(stand: Stand) -> None:
    name = written(stand, stand.plan("long.yaml"))
    cluster = launched(stand)
    assert stand.plan(name).standing.cluster_id == cluster
    ended(stand, cluster)
    with pytest.raises(UsageError) as raised:
        stand.plan(name)
    assert str(raised.value) == (
        f"{stand.folder / name}: since it was planned, a cluster of its row has been launched: its cluster would be "
        "number 2 now, not 1; plan again"
    )
    again = stand.plan("long.yaml").plan
    assert again.cluster.number == 2
    assert (again.cluster.request or {})["Name"] == named("long", Token(str(again.cluster.base), 2))
    assert stand.plan(written(stand, stand.plan("long.yaml"))).plan == again


def test_a_plan_is_stale_when_its_run_has_failed(tmp_path: Path) -> None:
    stand = Stand(tmp_path, [StepPlan("hourly", (1, 1), exit_code=1), QUICK])
    name = written(stand, stand.plan("two.yaml"))
    run(stand, stand.plan(name))
    with pytest.raises(
        UsageError, match="since it was planned, its run has been tried: its cluster would be number 3"
    ):
        stand.plan(name)
    stand.simulation.runner.steps = [QUICK]
    again = stand.plan(written(stand, stand.plan("two.yaml")))
    assert [step["Name"] for step in (again.plan.cluster.request or {})["Steps"]] == [
        named("hourly", Token(again.plan.jobs[1].base, 3))
    ]
    record = run(stand, again)
    sent = msgspec.json.encode(stand.sent(record.cluster_id), order="sorted")
    assert sent == msgspec.json.encode(again.plan.cluster.request, order="sorted")


def test_a_plan_whose_run_has_succeeded_is_taken_for_done(stand: Stand) -> None:
    name = written(stand, stand.plan("two.yaml"))
    run(stand, stand.plan(name))
    assert stand.plan(name).standing.has_succeeded


def test_uploads_of_a_plans_file_bring_the_list_of_inputs_along(stand: Stand) -> None:
    read = stand.plan(written(stand, stand.plan("two.yaml")))
    upload(stand.lake, read.plan, read.collected)
    assert (
        stand.lake.objects[read.plan.uploads[-1].uri] == b"s3://lake/raw/a.json\ns3://lake/raw/day/b.json\n"
    )
