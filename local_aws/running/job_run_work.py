"""An attempt of a job run of EMR Serverless, from its request to its end.

Its driver is a spark-submit of this machine; executors are threads of the same process.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_aws.emr.world import Outcome
from local_aws.running import failures, image_jars
from local_aws.running.archives import python_of, unpack
from local_aws.running.configurations import properties
from local_aws.running.spark_command import COMMAND_RUNNER, CannotRunError, SparkCommand, parse
from local_aws.running.spark_step import Prepared
from local_aws.running.spark_work import Wanted, execute, prepared
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop
from local_aws.serverless.entities import JobRun

_DRIVER_VARIABLE: Final = "spark.emr-serverless.driverEnv."
_PYTHON: Final = "PYSPARK_PYTHON"


@dataclass(frozen=True)
class JobRunWork:
    """An attempt of a job run."""

    shop: Workshop
    job_run: JobRun

    def run(self, work: Work) -> Outcome:
        """Run it to its end; what is other than on EMR Serverless is told at the beginning of its stderr."""
        try:
            ready = self._prepared(work)
        except CannotRunError as fault:
            work.note(str(fault), "ERROR")
            _tell(work, [str(fault)])
            if work.is_stopped.is_set():
                return Outcome(TERMINATED)
            return Outcome(1, failures.of_refusal(str(fault), None))
        _tell(work, ready.notes)
        code = execute(self.shop, ready, work)
        return Outcome(code, failures.of_exit(work.folder, None)) if code else Outcome()

    def _prepared(self, work: Work) -> Prepared:
        left = image_jars.without(self._command(), _capital(self._configurations))
        for path in left.missing:
            work.note(f"{path}: left out, it is in EMR's image only", "WARN")
        command, configurations = left.command, [*left.configurations, *_delta(has_delta=left.has_delta)]
        given = {**properties(configurations, "spark-defaults"), **command.properties}
        scratch = work.folder / "scratch"
        unpack(self.shop.s3, command.option("--archives") or given.get("spark.archives"), scratch)
        variables = {
            name.removeprefix(_DRIVER_VARIABLE): value
            for name, value in given.items()
            if name.startswith(_DRIVER_VARIABLE)
        }
        python = python_of(variables.get(_PYTHON) or given.get("spark.pyspark.python"), scratch)
        wanted = Wanted(self.job_run.release, [*configurations, _exports(variables)], command)
        return prepared(self.shop, wanted, work, python=python)

    def _command(self) -> SparkCommand:
        driver = self.job_run.request["jobDriver"].get("sparkSubmit")
        if driver is None:
            raise CannotRunError("jobDriver: expected sparkSubmit, which alone runs on a laptop, got hive")
        text = driver.get("sparkSubmitParameters", "")
        try:
            words = shlex.split(text)
        except ValueError as fault:
            raise CannotRunError(f"sparkSubmitParameters: {fault}, got {text}") from fault
        program = [driver["entryPoint"], *driver.get("entryPointArguments", [])]
        return parse(COMMAND_RUNNER, ["spark-submit", *words, *program])

    @property
    def _configurations(self) -> Sequence[Mapping[str, Any]]:
        """The application's configurations, and after them the job run's, which override them."""
        overrides = self.job_run.request.get("configurationOverrides", {})
        return [*self.job_run.configurations, *overrides.get("applicationConfiguration", [])]


def _capital(configurations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write configurations as EMR on EC2 has them, whose members begin with capitals."""
    return [
        {
            "Classification": one["classification"],
            "Properties": one.get("properties", {}),
            "Configurations": _capital(one.get("configurations", [])),
        }
        for one in configurations
    ]


def _delta(*, has_delta: bool) -> list[dict[str, Any]]:
    found = {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}}
    return [found] if has_delta else []


def _exports(variables: Mapping[str, str]) -> dict[str, Any]:
    """Write variables of the driver as a configuration; they stand for themselves."""
    quoted = {name: shlex.quote(value) for name, value in variables.items()}
    return {
        "Classification": "spark-env",
        "Configurations": [{"Classification": "export", "Properties": quoted}],
    }


def _tell(work: Work, notes: Sequence[str]) -> None:
    with (work.folder / "stderr").open("a", encoding="utf-8") as stderr:
        stderr.writelines(f"local_aws: {note}\n" for note in notes)
