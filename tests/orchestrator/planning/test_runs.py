"""From a pipeline to a plan: ids that depend on what is run and over which inputs, and on nothing else."""

from pathlib import Path

import pytest

from orchestrator.aws.faults import RefusedCallError
from orchestrator.config.pipeline import Pipeline
from orchestrator.errors import UsageError
from orchestrator.findings import FindingsError
from orchestrator.identity import Token, digest, named, run_id
from orchestrator.planning.inputs import list_inputs
from orchestrator.plans import ClusterKind, request_of, step_of
from tests.orchestrator.planning.world import (
    BUCKET,
    INPUTS,
    UNTIL,
    Lake,
    cluster,
    collected,
    objects,
    pipeline,
    plan,
)

INPUT = 'inputs: ["${jobs.readings.output}"]'


def with_arguments(folder: Path, arguments: str) -> Pipeline:
    return pipeline(folder, (INPUT, f"{INPUT}\n    arguments: {arguments}"))


def test_a_plan_says_all_that_would_happen(tmp_path: Path) -> None:
    made = plan(pipeline(tmp_path))
    listing = list_inputs(objects(Lake()), ["s3://lake/raw/"], UNTIL)
    pinned = f"s3://{BUCKET}/_state/inputs/{listing.sha256[:20]}.txt"
    artifacts = collected().artifacts
    first, second = made.jobs
    assert (made.name, made.bucket, made.key) == ("two", BUCKET, digest("inputs", {"readings": listing.key}))
    assert (made.cluster.kind, made.cluster.id) == (ClusterKind.GIVEN, "j-1")
    assert first.run_id == run_id("job", {"run": made.run_id, "job": "readings"}, made.key)
    assert first.base == digest("step", made.run_id, "readings")
    assert (first.retries, first.time_limit_s, first.follows) == (2, 1800.0, [])
    assert (second.retries, second.time_limit_s, second.follows) == (0, 86_400.0, ["readings"])
    assert (first.output, first.manifest) == (
        "s3://lake/readings",
        f"s3://{BUCKET}/_state/manifests/{first.run_id}.json",
    )
    assert first.step["HadoopJarStep"]["Args"][-6:] == [
        artifacts.entry_points["jobs/device_readings.py"],
        f"--run-id={first.run_id}",
        f"--manifest={first.manifest}",
        "--output=s3://lake/readings",
        "--quarantine=s3://lake/refused",
        f"--inputs-from={pinned}",
    ]
    assert second.step["HadoopJarStep"]["Args"][-1] == "--input=s3://lake/readings"
    assert [each.uri for each in made.uploads] == [*(file.uri for file in collected().files), pinned]
    assert (made.uploads[-1].text, made.uploads[-1].sha256) == (listing.text, listing.sha256)
    assert made.warnings == []


@pytest.mark.parametrize(
    ("keeps", "kind", "action"),
    [(True, ClusterKind.SHARED, "CONTINUE"), (False, ClusterKind.OWN, "TERMINATE_CLUSTER")],
)
def test_the_cluster_of_a_file_is_shared_or_the_runs_own(
    tmp_path: Path, keeps: bool, kind: ClusterKind, action: str
) -> None:
    made = plan(pipeline(tmp_path), cluster(tmp_path, keeps=keeps))
    assert made.cluster.kind is kind
    assert {job.step["ActionOnFailure"] for job in made.jobs} == {action}
    request = made.cluster.request or {}
    assert request.get("Steps", []) == ([step_of(job, 1) for job in made.jobs] if not keeps else [])
    assert request_of(made.cluster, made.jobs if not keeps else [], 1) == request
    assert all(": WARNING: " in each for each in made.warnings)
    assert made.warnings


NO_CHANGE: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(
    "change",
    [
        NO_CHANGE,
        (("retries: 2", "retries: 5"),),
        (("time_limit_minutes: 30", "time_limit_minutes: 31"),),
        (("retries: 2", "retries: 2\n    spark_conf: {spark.sql.shuffle.partitions: 7}"),),
        (("{lake: lake, further: null}", "{further: 3, lake: lake}"),),
        (("cluster: own.yaml", "cluster: long.yaml"),),
    ],
)
def test_how_a_job_is_run_makes_no_other_run(tmp_path: Path, change: tuple[tuple[str, str], ...]) -> None:
    one, other = plan(pipeline(tmp_path)), plan(pipeline(tmp_path, *change))
    assert (other.run_id, other.key) == (one.run_id, one.key)
    assert [(job.name, job.run_id, job.base) for job in other.jobs] == [
        (job.name, job.run_id, job.base) for job in one.jobs
    ]


@pytest.mark.parametrize("on", ["j-1", "own", "long"])
def test_nor_does_the_cluster(tmp_path: Path, on: str) -> None:
    where = on if on == "j-1" else cluster(tmp_path, keeps=on == "long")
    assert plan(pipeline(tmp_path), where).run_id == plan(pipeline(tmp_path), "j-2").run_id


@pytest.mark.parametrize(
    "change",
    [
        (("name: two", "name: three"),),
        (("s3://${lake}/hourly", "s3://${lake}/other"),),
        (("s3://${lake}/refused", "s3://${lake}/other"),),
        (("{lake: lake, further: null}", "{lake: lake2, further: null}"),),
        (('inputs: ["s3://${lake}/raw/"]', 'inputs: ["s3://${lake}/raw/day/"]'),),
        (("retries: 2", "retries: 2\n    format: delta"),),
        (("retries: 2", "retries: 2\n    arguments: [--cadence-per-hour, 3]"),),
    ],
)
def test_what_is_run_makes_another_run(tmp_path: Path, change: tuple[tuple[str, str], ...]) -> None:
    lake = Lake()
    lake.objects |= {uri.replace("//lake", "//lake2"): body for uri, body in lake.objects.items()}
    one, other = plan(pipeline(tmp_path), lake=lake), plan(pipeline(tmp_path, *change), lake=lake)
    assert other.run_id != one.run_id
    assert not {job.run_id for job in other.jobs} & {job.run_id for job in one.jobs}
    assert not {job.base for job in other.jobs} & {job.base for job in one.jobs}


def test_another_listing_makes_another_run_and_the_same_listing_the_same(tmp_path: Path) -> None:
    loaded = pipeline(tmp_path)
    today, again = plan(loaded), plan(loaded, lake=Lake(dict(reversed(INPUTS.items()))))
    tomorrow = plan(loaded, lake=Lake({**INPUTS, "raw/new.json": b"new"}))
    assert today == again
    assert tomorrow.run_id != today.run_id
    assert tomorrow.jobs[1].run_id != today.jobs[1].run_id


def test_a_key_of_the_caller_takes_the_place_of_the_listing(tmp_path: Path) -> None:
    loaded = pipeline(tmp_path)
    one = plan(loaded, key="nightly")
    other = plan(loaded, lake=Lake({"raw/other": b"x"}), key="nightly")
    assert (one.key, one.run_id) == (other.key, other.run_id)
    assert plan(loaded, key="weekly").run_id != one.run_id


def test_one_job_is_run_alone_with_the_tables_of_those_before_it(tmp_path: Path) -> None:
    arguments = "[--changes-from, 's3://x/y', '${jobs.readings.quarantine}']"
    loaded = with_arguments(tmp_path, arguments)
    lake = Lake({"readings/part-0.parquet": b"rows", "readings/_staging/x": b"not seen"})
    made = plan(loaded, lake=lake, only="hourly")
    (job,) = made.jobs
    assert (made.name, job.follows) == ("two:hourly", [])
    args = job.step["HadoopJarStep"]["Args"]
    assert args[-4:] == ["--input=s3://lake/readings", "--changes-from", "s3://x/y", "s3://lake/refused"]
    assert [each.uri for each in made.uploads] == [file.uri for file in collected().files]
    assert plan(loaded, lake=lake, only="hourly") == made
    lake.objects["s3://lake/readings/part-1.parquet"] = b"more"
    assert plan(loaded, lake=lake, only="hourly").run_id != made.run_id
    assert plan(loaded, lake=Lake({**INPUTS, "readings/part-0.parquet": b"rows"})).run_id != made.run_id


def test_a_manifest_of_a_job_that_does_not_run_is_refused(tmp_path: Path) -> None:
    loaded = with_arguments(tmp_path, '[--changes-from, "${jobs.readings.manifest}"]')
    with pytest.raises(UsageError) as raised:
        plan(loaded, only="hourly")
    file = tmp_path / "changed.yaml"
    assert str(raised.value) == (
        f"{file}: jobs.hourly: it asks for ${{jobs.readings.manifest}}, which a run without the jobs before it does "
        f"not have; run the whole pipeline: orchestrator run {file}"
    )
    manifest = plan(loaded).jobs[0].manifest
    assert plan(loaded).jobs[1].step["HadoopJarStep"]["Args"][-1] == manifest


def test_an_unknown_job_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected one of its jobs \(readings, hourly\), got 'daily'"):
        plan(pipeline(tmp_path), only="daily")


def test_a_pipeline_with_errors_is_refused_before_anything_is_listed(tmp_path: Path) -> None:
    lake = Lake()
    lake.is_closed = True
    with pytest.raises(FindingsError, match="retries"):
        plan(pipeline(tmp_path, ("retries: 2", "retries: 99")), lake=lake)
    with pytest.raises(RefusedCallError):
        plan(pipeline(tmp_path), lake=lake)


def test_inputs_that_are_not_pinned_are_named_to_the_job_as_they_are(tmp_path: Path) -> None:
    loaded = pipeline(tmp_path, ("retries: 2", "retries: 2\n    pin_inputs: false"))
    made = plan(loaded)
    assert made.jobs[0].step["HadoopJarStep"]["Args"][-1] == "--input=s3://lake/raw/"
    assert len(made.uploads) == len(collected().files)
    assert made.key == plan(pipeline(tmp_path)).key


def test_the_token_of_a_step_is_its_attempts(tmp_path: Path) -> None:
    job = plan(pipeline(tmp_path)).jobs[0]
    assert job.step["Name"] == "readings"
    assert step_of(job, 3)["Name"] == named("readings", Token(job.base, 3))
