"""Steps and bootstrap actions as processes, with a Spark that is a shell script."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from local_aws.server import Settings
from tests.local_aws.embedded import FAST, Embedded, embedded, spark_step
from tests.local_aws.running import checkout

_BUCKETS = count(1)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("aws")
    root = checkout.make(folder / "checkout")
    with embedded(
        folder / "data", Settings(log_delay_s=0, durations=FAST, memory_mib=3000, checkout=root)
    ) as made:
        yield made


@pytest.fixture
def bucket(aws: Embedded) -> str:
    name = f"runner-{next(_BUCKETS)}"
    aws.s3.create_bucket(Bucket=name)
    return name


def processes(data: Path) -> list[int]:
    """Find what runs below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(data) in process.cwd():
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def step_id(aws: Embedded, cluster: str, name: str) -> str:
    return next(step.id for step in aws.cluster(cluster).steps if step.config["Name"] == name)


def test_steps_run_one_after_the_other_and_leave_emrs_logs(aws: Embedded, bucket: str) -> None:
    steps = [spark_step("good", "ok"), spark_step("bad", "fail"), spark_step("hive", "x")]
    steps[2]["HadoopJarStep"]["Args"] = ["hive-script", "--run"]
    cluster = aws.launch(steps, keep=False, LogUri=f"s3://{bucket}/logs")
    assert aws.until_end(cluster) == ("TERMINATED", "STEP_FAILURE")
    assert aws.steps(cluster) == {"good": "COMPLETED", "bad": "FAILED", "hive": "FAILED"}
    root = f"logs/{cluster}/steps"
    good, bad = step_id(aws, cluster, "good"), step_id(aws, cluster, "bad")
    assert aws.log(bucket, f"{root}/{good}/stdout.gz").startswith("args: --master local[*] ")
    assert "wanted" in aws.log(bucket, f"{root}/{bad}/stderr.gz")
    assert "exitCode 9" in aws.log(bucket, f"{root}/{bad}/controller.gz")
    told = {
        step["Name"]: step["Status"].get("FailureDetails")
        for step in aws.emr.list_steps(ClusterId=cluster)["Steps"]
    }
    assert told["good"] is None
    assert told["bad"] == {
        "Reason": "Unknown Error.",
        "Message": "java.lang.Exception: wanted",
        "LogFile": f"s3://{bucket}/{root}/{bad}/stderr.gz",
    }
    assert told["hive"] is not None
    assert "got hive-script" in told["hive"]["Message"]
    assert told["hive"]["LogFile"].endswith("/controller.gz")


def test_in_cluster_mode_the_drivers_logs_are_a_containers(aws: Embedded, bucket: str) -> None:
    steps = [spark_step("first", "ok"), spark_step("bad", "--deploy-mode", "cluster", "fail")]
    cluster = aws.launch(steps, keep=False, LogUri=f"s3://{bucket}/")
    aws.until_end(cluster)
    step = step_id(aws, cluster, "bad")
    stderr = aws.log(bucket, f"{cluster}/steps/{step}/stderr.gz")
    assert stderr.splitlines()[-1].endswith("finished with failed status")
    application = f"{aws.cluster(cluster).status.created_at}_0002"
    container = f"{cluster}/containers/application_{application}/container_{application}_01_000001"
    assert "wanted" in aws.log(bucket, f"{container}/stderr.gz")
    assert f"{cluster}/steps/{step}/stdout.gz" in aws.keys(bucket)
    assert f"application_{application}" in stderr


@pytest.mark.parametrize("option", ["SEND_INTERRUPT", "TERMINATE_PROCESS"])
def test_a_step_that_is_cancelled_ends_with_its_processes(aws: Embedded, option: str) -> None:
    cluster = aws.launch([spark_step("long", "wait")])
    step = aws.cluster(cluster).steps[0].id
    aws.until(lambda: len(processes(aws.data / "clusters" / cluster)) == 2)
    answer = aws.emr.cancel_steps(ClusterId=cluster, StepIds=[step], StepCancellationOption=option)  # type: ignore[arg-type] # both are options
    assert answer["CancelStepsInfoList"][0]["Status"] == "SUBMITTED"
    aws.until_step(cluster, step, "CANCELLED")
    assert processes(aws.data / "clusters" / cluster) == []
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


def test_a_cluster_that_is_terminated_ends_its_processes(aws: Embedded) -> None:
    cluster = aws.launch([spark_step("long", "wait")])
    aws.until(lambda: len(processes(aws.data / "clusters" / cluster)) == 2)
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])
    assert aws.until_end(cluster) == ("TERMINATED", "USER_REQUEST")
    aws.until(lambda: processes(aws.data / "clusters" / cluster) == [])
    assert aws.steps(cluster) == {"long": "CANCELLED"}


def test_steps_run_beside_each_other_as_far_as_the_machine_has_memory(aws: Embedded) -> None:
    # Of 3000 MiB each of these takes 1408: the third waits although the cluster would let it run.
    cluster = aws.launch([spark_step(name, "wait") for name in "abc"], StepConcurrencyLevel=4)
    folder = aws.data / "clusters" / cluster
    aws.until(lambda: set(aws.steps(cluster).values()) == {"RUNNING"} and len(processes(folder)) == 4)
    small = aws.add_step(cluster, spark_step("d", "ok"))
    aws.until_step(cluster, small, "RUNNING")
    first, waiting = (step_id(aws, cluster, name) for name in "ac")
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[waiting])
    aws.until_step(cluster, waiting, "CANCELLED")
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[first])
    aws.until_step(cluster, small, "COMPLETED")
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


def script(aws: Embedded, bucket: str, text: str) -> dict[str, object]:
    aws.s3.put_object(Bucket=bucket, Key="boot/act.sh", Body=f"#!/bin/bash\n{text}\n".encode())
    return {"Name": "act", "ScriptBootstrapAction": {"Path": f"s3://{bucket}/boot/act.sh", "Args": ["a b"]}}


def test_a_bootstrap_action_runs_once_with_its_arguments_and_without_root(aws: Embedded, bucket: str) -> None:
    action = script(aws, bucket, 'echo "$1 in $PWD, home $HOME"; sudo yum install x || echo "no root"')
    cluster = aws.launch(BootstrapActions=[action], LogUri=f"s3://{bucket}/")
    aws.until_state(cluster, "WAITING")
    master = next(one for one in aws.cluster(cluster).instances if one.role == "MASTER")
    place = f"node/{master.ec2_id}/bootstrap-actions/1"
    scratch = f"{aws.data}/clusters/{cluster}/{place}/scratch"
    assert aws.log(bucket, f"{cluster}/{place}/stdout.gz") == f"a b in {scratch}, home {scratch}\nno root\n"
    assert "no root on a laptop" in aws.log(bucket, f"{cluster}/{place}/stderr.gz")
    assert sum("/bootstrap-actions/" in key for key in aws.keys(bucket)) == 3
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


def test_a_bootstrap_action_that_fails_ends_the_cluster(aws: Embedded, bucket: str) -> None:
    cluster = aws.launch(BootstrapActions=[script(aws, bucket, "exit 4")])
    assert aws.until_end(cluster) == ("TERMINATED_WITH_ERRORS", "BOOTSTRAP_FAILURE")
    assert "bootstrap action 1 returned a non-zero return code" in str(aws.cluster(cluster).status.message)


def test_a_bootstrap_action_ends_with_its_cluster(aws: Embedded, bucket: str) -> None:
    cluster = aws.launch(BootstrapActions=[script(aws, bucket, "sleep 600")])
    aws.until(lambda: len(processes(aws.data / "clusters" / cluster)) == 2)
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])
    aws.until(lambda: processes(aws.data / "clusters" / cluster) == [])


def test_logs_of_what_runs_are_put_again_and_again(tmp_path: Path) -> None:
    root, bucket = checkout.make(tmp_path / "checkout"), "running"
    settings = Settings(durations=FAST, checkout=root, log_delay_s=0, log_interval_s=0.1)
    with embedded(tmp_path / "data", settings) as made:
        made.s3.create_bucket(Bucket=bucket)
        cluster = made.launch([spark_step("long", "wait")], LogUri=f"s3://{bucket}/")
        step = made.cluster(cluster).steps[0].id
        made.until_step(cluster, step, "RUNNING")
        made.until(lambda: "args:" in made.log(bucket, f"{cluster}/steps/{step}/stdout.gz"))


def test_a_cluster_that_runs_steps_asks_for_capacity(aws: Embedded) -> None:
    cluster = aws.launch([spark_step("long", "wait")])
    aws.until_step(cluster, aws.cluster(cluster).steps[0].id, "RUNNING")
    assert aws.aws.emr.world.runner.demand(aws.cluster(cluster)) == 4
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])
    aws.until(lambda: aws.aws.emr.world.runner.demand(aws.cluster(cluster)) == 0)


def test_in_cluster_mode_files_are_in_the_drivers_folder(aws: Embedded, bucket: str) -> None:
    aws.s3.put_object(Bucket=bucket, Key="conf.json", Body=b"settings")
    steps = [spark_step("reads", "--deploy-mode", "cluster", "--files", f"s3://{bucket}/conf.json", "cat")]
    cluster = aws.launch(steps, keep=False, LogUri=f"s3://{bucket}/")
    aws.until_end(cluster)
    assert aws.steps(cluster) == {"reads": "COMPLETED"}
    application = f"{aws.cluster(cluster).status.created_at}_0001"
    container = f"{cluster}/containers/application_{application}/container_{application}_01_000001"
    assert aws.log(bucket, f"{container}/stdout.gz").endswith("settings")


def test_a_step_that_does_not_heed_an_interrupt_is_killed_by_force(aws: Embedded) -> None:
    cluster = aws.launch([spark_step("deaf", "deaf")])
    step, folder = aws.cluster(cluster).steps[0].id, aws.data / "clusters" / cluster
    aws.until(lambda: "deaf now" in read(folder / "steps" / step / "stdout"))
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[step], StepCancellationOption="SEND_INTERRUPT")
    assert aws.steps(cluster) == {"deaf": "CANCEL_PENDING"}
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[step], StepCancellationOption="TERMINATE_PROCESS")
    aws.until_step(cluster, step, "CANCELLED")
    assert processes(folder) == []
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


def test_what_cannot_even_begin_fails(aws: Embedded) -> None:
    cluster = aws.launch([spark_step("first", "ok")])
    aws.until_state(cluster, "WAITING")
    steps = aws.data / "clusters" / cluster / "steps"
    shutil.rmtree(steps)
    steps.touch()  # where the folder of the next step should be
    step = aws.add_step(cluster, spark_step("next", "ok"))
    aws.until_step(cluster, step, "FAILED")
    failure = aws.cluster(cluster).steps[-1].failure
    assert failure is not None
    assert failure["Reason"] == "The local engine failed."
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_closing_ends_everything_and_begins_nothing(tmp_path: Path) -> None:
    root = checkout.make(tmp_path / "checkout")
    with embedded(tmp_path / "data", Settings(durations=FAST, checkout=root, log_delay_s=0)) as made:
        made.s3.create_bucket(Bucket="closing")
        steps = [spark_step(str(number), "wait", action="TERMINATE_CLUSTER") for number in range(6)]
        cluster = made.launch(steps, StepConcurrencyLevel=1, LogUri="s3://closing/")
        folder = tmp_path / "data" / "clusters" / cluster
        made.until(lambda: len(processes(folder)) == 2)
        first = made.cluster(cluster).steps[0].id
        made.aws.end_work()
        assert made.aws.status()["running_steps"] == 0
        assert list(made.steps(cluster).values()) == ["RUNNING", *["PENDING"] * 5]
        assert f"{cluster}/steps/{first}/stdout.gz" in made.keys("closing")
        with pytest.raises(ClientError, match="the embedded AWS ends"):
            made.emr.list_clusters()
    assert processes(tmp_path / "data") == []
