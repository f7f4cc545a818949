"""A job, a run of it and its artifacts, as tests of steps need them."""

from orchestrator.job_spec import JobSpec
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.steps import StepRun, Upstream

READINGS = JobSpec(
    name="device_readings",
    entry_point="jobs/device_readings.py",
    inputs=("s3://lake/raw/",),
    output="s3://lake/clean/device_readings",
    quarantine="s3://lake/quarantine/device_readings",
    pin_inputs=True,
)
HOURLY = JobSpec(
    name="readings_hourly",
    entry_point="jobs/readings_hourly.py",
    inputs=("${jobs.device_readings.output}",),
    arguments=("--changes-from", "${jobs.device_readings.manifest}"),
    output="s3://lake/clean/readings_hourly",
    follows=("device_readings",),
    spark_conf={"spark.sql.shuffle.partitions": "200"},
)
ARTIFACTS = Artifacts(
    "s3://lake/artifacts/a1/emr_job_suite-0.1.0-a1-py.zip",
    {
        "jobs/device_readings.py": "s3://lake/artifacts/b2/device_readings.py",
        "jobs/readings_hourly.py": "s3://lake/artifacts/c3/readings_hourly.py",
    },
    {},
)
PINNED = StepRun("r1", "s3://lake/manifests/r1.json", "s3://lake/_state/r1.inputs", {})
FOLLOWING = StepRun(
    "r2",
    "s3://lake/manifests/r2.json",
    None,
    {"device_readings": Upstream(READINGS.output, PINNED.manifest, READINGS.quarantine)},
)
