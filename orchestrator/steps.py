"""From a job of a pipeline to a step of EMR: a list of arguments that no shell reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.errors import UsageError
from orchestrator.findings import shown
from orchestrator.job_spec import UPSTREAM, JobSpec
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.secrets import redact
from orchestrator.step_arguments import (
    COMMAND_RUNNER,
    OWN_CONF,
    argument_faults,
    characters,
    secret_faults,
    text_faults,
)

# EMR 7 has Python 3.9 for its own; the jobs are written for 3.11 (decision D1).
_PYTHON: Final = {"spark.pyspark.python": "python3.11", "spark.pyspark.driver.python": "python3.11"}
_ACTIONS: Final = ("TERMINATE_CLUSTER", "CANCEL_AND_WAIT", "CONTINUE")
_MOST_NAME_CHARACTERS: Final = 256


@dataclass(frozen=True)
class Upstream:
    """What a run of a job has for those that follow it."""

    output: str
    manifest: str
    quarantine: str | None


@dataclass(frozen=True)
class StepRun:
    """One run of a job: where its manifest goes, the list of its pinned inputs, and the runs that it follows."""

    run_id: str
    manifest: str
    inputs_from: str | None
    upstream: Mapping[str, Upstream]


def arguments(job: JobSpec, run: StepRun, artifacts: Artifacts) -> list[str]:
    """Return the arguments of a job's step, from `spark-submit` to the job's last flag.

    Raises:
        UsageError: Where the entry point has not been deployed, or a job that is asked for something has no run.
    """
    entry = entry_of(job, artifacts)
    conf = {**OWN_CONF, **_PYTHON, **job.spark_conf}
    return [
        *("spark-submit", "--deploy-mode", "cluster", "--name", f"{job.name}-{run.run_id}"),
        *(part for name, value in conf.items() for part in ("--conf", f"{name}={value}")),
        *("--py-files", artifacts.py_files, entry),
        *flags_of(job, run),
    ]


def entry_of(job: JobSpec, artifacts: Artifacts) -> str:
    """Return where a job's entry file lies.

    Raises:
        UsageError: It has not been deployed.
    """
    entry = artifacts.entry_points.get(job.entry_point)
    if entry is None:
        known = ", ".join(sorted(artifacts.entry_points)) or "none"
        raise UsageError(
            f"jobs.{job.name}.entry_point: expected a deployed entry file ({known}), got {job.entry_point}; "
            "run orchestrator deploy"
        )
    return entry


def flags_of(job: JobSpec, run: StepRun) -> list[str]:
    """Return what the job itself is given, what the run fills in before its own arguments.

    Raises:
        UsageError: A job that is asked for something has no run.
    """
    return [*_flags(job, run), *(_filled(text, job, run) for text in job.arguments)]


def step(name: str, arguments: Sequence[str], action_on_failure: str) -> dict[str, Any]:
    """Return a step as RunJobFlow and AddJobFlowSteps take it.

    Raises:
        UsageError: With all that is wrong in name, arguments and action.
    """
    faults = [f"ActionOnFailure: expected one of {', '.join(_ACTIONS)}, got {shown(action_on_failure)}"]
    faults = [] if action_on_failure in _ACTIONS else faults
    faults += [f"Name{fault.removeprefix('[0]')}" for fault in (*text_faults([name]), *secret_faults([name]))]
    if not 0 < characters(name) <= _MOST_NAME_CHARACTERS:
        faults.append(f"Name: expected 1 to {_MOST_NAME_CHARACTERS} characters, got {characters(name)}")
    faults += [
        f"HadoopJarStep.Args{'' if fault.startswith('[') else ': '}{fault}"
        for fault in argument_faults(arguments)
    ]
    if faults:
        raise UsageError("\n".join([f"step {redact(shown(name))}:", *faults]))
    return {
        "Name": name,
        "ActionOnFailure": action_on_failure,
        "HadoopJarStep": {"Jar": COMMAND_RUNNER, "Args": list(arguments)},
    }


def _flags(job: JobSpec, run: StepRun) -> list[str]:
    """Write each as `--flag=value`: whatever a value begins with, it stays one."""
    flags = [f"--run-id={run.run_id}", f"--manifest={run.manifest}", f"--output={job.output}"]
    if job.quarantine is not None:
        flags.append(f"--quarantine={job.quarantine}")
    if job.format != "parquet":
        flags.append(f"--format={job.format}")
    if run.inputs_from is not None:
        return [*flags, f"--inputs-from={run.inputs_from}"]
    return [*flags, *(f"--input={_filled(text, job, run)}" for text in job.inputs)]


def _filled(text: str, job: JobSpec, run: StepRun) -> str:
    """Put in what the jobs before have."""

    def value(found: re.Match[str]) -> str:
        before = run.upstream.get(found["job"])
        known = getattr(before, found["what"]) if before else None
        if known is None:
            there = ", ".join(sorted(run.upstream)) or "none"
            raise UsageError(
                f"jobs.{job.name}: expected a run with what {found.group()} asks for, there is none; runs: {there}"
            )
        return str(known)

    return UPSTREAM.sub(value, text)
