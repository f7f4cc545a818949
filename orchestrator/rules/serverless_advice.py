"""Advice about applications of EMR Serverless: what bounds their cost, which Python runs, and where logs go."""

from collections.abc import Iterator
from typing import Final

from orchestrator.rules import care_advice
from orchestrator.rules.application import Application
from orchestrator.rules.rule import Fault, Rule, advice
from orchestrator.rules.serverless import GUIDE, REFERENCE
from orchestrator.rules.spark_advice import PYTHON
from orchestrator.rules.workers import begins_with, total

DRIVERS_PYTHON: Final = "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON"
DRIVERS_WORKERS: Final = "spark.emr-serverless.driverEnv.PYSPARK_PYTHON"
EXECUTORS_PYTHON: Final = "spark.executorEnv.PYSPARK_PYTHON"


def no_maximum(application: Application) -> Iterator[Fault]:
    """No maximumCapacity: nothing but the account's quota bounds what a job run may cost."""
    if application.maximum is None:
        yield Fault(("maximumCapacity",), "nothing bounds what it costs", expected="cpu and memory")


def never_stops(application: Application) -> Iterator[Fault]:
    """An application that does not stop itself: pre-initialised workers cost until somebody stops it."""
    told = application.request.get("autoStopConfiguration") or {}
    if told.get("enabled") is False and application.workers:
        path = ("autoStopConfiguration", "enabled")
        yield Fault(path, "pre-initialised workers cost until somebody stops it", False, "true")


def least_beyond_maximum(application: Application) -> Iterator[Fault]:
    """Less maximumCapacity than a job run begins with: it waits, or fails."""
    workers, limit = begins_with(application.spark()), application.maximum
    if limit is None or workers is None:
        return
    driver, executor, count = workers
    wanted = total([driver, executor.times(count)])
    for name, unit in (("cpu", "vCPU"), ("memory", "GB"), ("disk", "GB of disk")):
        least, most = getattr(wanted, name), getattr(limit, name)
        if least > most and (most or name != "disk"):  # without a disk it limits none
            problem = f"a job run begins with {least} {unit}"
            yield Fault(("maximumCapacity", name), problem, most, f"{least} or more, or fewer executors")


def python_of_job_runs(application: Application) -> Iterator[Fault]:
    """PYSPARK_PYTHON of job runs: that of the jobs, python3.11, for driver and executors, or the environment's."""
    if application.environment is not None:
        return
    spark = application.spark()
    for name in (DRIVERS_PYTHON, DRIVERS_WORKERS, EXECUTORS_PYTHON):
        python = spark.get(name)
        if python is None or python.rpartition("/")[2] != PYTHON:
            expected = f"{name}: /usr/bin/{PYTHON} in spark-defaults of runtimeConfiguration"
            yield Fault(("runtimeConfiguration",), "the Python is not the jobs'", python, expected)


def no_logs_on_s3(application: Application) -> Iterator[Fault]:
    """No logUri: what AWS keeps of logs for 30 days `orchestrator logs` does not read."""
    path, uri = application.log_uri
    if uri is None:
        expected = "monitoringConfiguration.s3MonitoringConfiguration.logUri: s3://bucket/logs/"
        yield Fault(path, "no logs on S3", expected=expected)


def secrets_of_application(application: Application) -> Iterator[Fault]:
    """Secrets in an application and its job runs: whoever may look at them reads them."""
    yield from care_advice.secrets_in(application.request, ())
    yield from care_advice.secrets_in(application.job_run, ("job_run",))


RULES: Final[tuple[Rule[Application], ...]] = (
    *advice(f"{GUIDE}/app-behavior.html", no_maximum, never_stops, least_beyond_maximum),
    *advice(f"{GUIDE}/using-python.html", python_of_job_runs),
    *advice(f"{GUIDE}/logging.html", no_logs_on_s3),
    *advice(f"{REFERENCE}/API_GetApplication.html", secrets_of_application),
)
