"""What the embedded AWS adds to a job: `scripts/bench local_steps`.

In turns: a job by plain spark-submit, and the same job as a step of a cluster that waits for it, from AddJobFlowSteps
to COMPLETED. Both read their program from the embedded S3, with the same settings. Before it: the time from the start
of the server's process until it answers, beside moto's own server. By the clock, as that is what somebody waits for.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import typer
import urllib3

from benchmarks.local_emr import request
from local_aws.clients import VARIABLES, client
from local_aws.running import environments
from local_aws.server import LocalAws, Settings

PROGRAM: Final = b"""
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
assert spark.range(1000).count() == 1000
"""
RELEASE: Final = "emr-7.14.0"
_BUCKET: Final = "bench-steps"
_PROGRAM_URI: Final = f"s3://{_BUCKET}/job.py"
_ENDED: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
_LONGEST_S: Final = 600.0


def main(
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turns.")] = 5,
) -> None:
    """Print how long a server takes to start, and what a step takes beside the same job by plain spark-submit."""
    with tempfile.TemporaryDirectory() as folder:
        starts = [(start_ours(Path(folder)), start_motos()) for _ in range(rounds)]
        ours, motos = median(one for one, _ in starts), median(other for _, other in starts)
        typer.echo(
            f"start of the embedded AWS: {ours:.2f} s, of moto's server {motos:.2f} s, ratio {ours / motos:.2f}"
        )
        plain, step = steps(Path(folder) / "steps", rounds)
    typer.echo(f"spark-submit: {plain:.2f} s, the same as a step {step:.2f} s, {step - plain:+.2f} s")
    typer.echo(f"ratio: {step / plain:.2f}")


def start_ours(folder: Path) -> float:
    """Start the embedded AWS as a command, and return the seconds until it answers."""
    told = folder / "server.json"
    command = [sys.executable, "-m", "local_aws", "--data", str(folder)]
    with started(command, lambda: json.loads(told.read_text())["url"] if told.exists() else None) as seconds:
        return seconds


def start_motos() -> float:
    """Start moto's server, and return the seconds until it answers."""
    command = [sys.executable, "-m", "moto.server", "--port", "0"]
    with (
        tempfile.NamedTemporaryFile() as log,
        started(command, lambda: first_url(Path(log.name).read_text()), log.name) as seconds,
    ):
        return seconds


def first_url(text: str) -> str | None:
    """Find the address that a server tells in its words."""
    return next((word for word in text.split() if word.startswith("http://")), None)


@contextmanager
def started(command: list[str], find_url: Callable[[], str | None], log: str = os.devnull) -> Iterator[float]:
    """Start a server, and give the seconds until it answers; it ends with the block."""
    begun = time.monotonic()
    with Path(log).open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            while not answers(find_url()):
                if process.poll() is not None or time.monotonic() - begun > _LONGEST_S:
                    raise RuntimeError(f"{command}: expected a server that answers, got none")
            yield time.monotonic() - begun
        finally:
            process.terminate()
            process.wait()


def answers(url: str | None) -> bool:
    """Tell whether a server answers, whatever it says."""
    if url is None:
        return False
    try:
        urllib3.request("GET", url, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True


def steps(folder: Path, rounds: int) -> tuple[float, float]:
    """Run a job both ways in turns, and return the medians of seconds."""
    aws = LocalAws(folder, Settings())
    aws.emr.quotas = None
    s3, emr = client(aws.url, "s3"), client(aws.url, "emr")
    try:
        s3.create_bucket(Bucket=_BUCKET)
        s3.put_object(Bucket=_BUCKET, Key="job.py", Body=PROGRAM)
        launch = {
            **request("bench"),
            "Steps": [],
            "StepConcurrencyLevel": 1,
            "ReleaseLabel": RELEASE,
        }
        cluster = emr.run_job_flow(**launch)["JobFlowId"]
        aws.until(lambda: aws.emr.cluster(cluster).status.state == "WAITING", _LONGEST_S)
        environment = {**os.environ, **VARIABLES, "AWS_ENDPOINT_URL": aws.url}
        found = [(run_plain(environment), run_step(aws, emr, cluster)) for _ in range(rounds)]
    finally:
        s3.close()
        emr.close()
        aws.close()
    return median(one for one, _ in found), median(other for _, other in found)


def run_plain(environment: Mapping[str, str]) -> float:
    """Run the job by spark-submit alone, with a cluster's class path."""
    spark = environments.find(RELEASE)
    jars = environments.jars(spark, with_delta=False, variables=environment)
    command = [spark.spark_submit, "--master", "local[*]", "--driver-memory", "1g"]
    for name, value in jars.hadoop.items():
        command += ["--conf", f"spark.hadoop.{name}={value}"]
    variables = {**environment, **spark.variables, "SPARK_DIST_CLASSPATH": jars.class_path}
    begun = time.monotonic()
    subprocess.run([*command, _PROGRAM_URI], env=variables, capture_output=True, check=True)
    return time.monotonic() - begun


def run_step(aws: LocalAws, emr: Any, cluster: str) -> float:
    """Run the job as a step."""
    jar = {"Jar": "command-runner.jar", "Args": ["spark-submit", "--deploy-mode", "cluster", _PROGRAM_URI]}
    begun = time.monotonic()
    step = {"Name": "bench", "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}
    emr.add_job_flow_steps(JobFlowId=cluster, Steps=[step])
    added = aws.emr.cluster(cluster).steps[-1]
    aws.until(lambda: added.status.state in _ENDED, _LONGEST_S)
    if added.status.state != "COMPLETED":
        raise RuntimeError(f"the step: expected COMPLETED, got {added.status.state}: {added.failure}")
    return time.monotonic() - begun


if __name__ == "__main__":
    typer.run(main)
