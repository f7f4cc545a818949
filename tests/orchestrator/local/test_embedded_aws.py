"""The commands with the real server: what a user does, in a shell."""

import subprocess
import sys
from pathlib import Path

import psutil

from orchestrator.local.place import Place
from tests.orchestrator.local.running import PATIENCE_S, ROOT, environment

SCRIPT = """\
orchestrator() { "$python" -m orchestrator "$@"; }
eval "$(orchestrator local up --data "$data" --port 0 --seed 7 --speed 10)"
"$python" -c '
import boto3
print(boto3.client("emr").list_clusters()["Clusters"], boto3.client("s3").list_buckets()["Buckets"])
print(boto3.client("sts").get_caller_identity()["Account"])
'
orchestrator local status --data "$data" -o json
orchestrator local down --data "$data"
orchestrator local status --data "$data" || echo "status: $?"
"""

# A bootstrap action is a process of this machine like a step, without Spark's seconds.
BUSY = """\
orchestrator() { "$python" -m orchestrator "$@"; }
eval "$(orchestrator local up --data "$data" --port 0)"
"$python" -c '
import boto3, os, time
from pathlib import Path
from tests.local_aws.emr.launching import launch_request
pids = Path(os.environ["pids"])
s3 = boto3.client("s3")
s3.create_bucket(Bucket="kept")
lines = ["#!/bin/sh", "sleep 600 &", f"echo $$ $! > {pids}.new; mv {pids}.new {pids}", "wait"]
s3.put_object(Bucket="kept", Key="act.sh", Body="\\n".join(lines))
action = {"Name": "act", "ScriptBootstrapAction": {"Path": "s3://kept/act.sh"}}
boto3.client("emr").run_job_flow(**launch_request(BootstrapActions=[action]))
until = time.monotonic() + 60
while not pids.exists():
    assert time.monotonic() < until, "the bootstrap action never ran"
    time.sleep(0.05)
'
orchestrator local status --data "$data" -o json
orchestrator local down --data "$data"
"""


def test_down_leaves_nothing_running_and_keeps_buckets(place: Place, tmp_path: Path) -> None:
    told = in_a_shell(BUSY, place, pids=str(tmp_path / "pids"))
    assert '"running_steps":1' in told
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not [pid for pid in pids if is_alive(pid)]
    assert b"sleep 600" in (place.folder / "s3.tar").read_bytes()


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def in_a_shell(script: str, place: Place, **variables: str) -> str:
    done = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=ROOT,
        env=environment(python=sys.executable, data=str(place.folder), **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_shell_starts_the_embedded_aws_talks_to_it_and_ends_it(place: Place) -> None:
    out = in_a_shell(SCRIPT, place, AWS_PROFILE="of-nobody", AWS_ENDPOINT_URL_S3="http://127.0.0.1:1")
    listed, account, told, last = out.splitlines()
    assert (listed, account, last) == ("[] []", "123456789012", "status: 1")
    assert f'"data":"{place.folder}"' in told
    assert '"clusters":{},"running_steps":0,"seed":"7"' in told
    assert not place.server_file.exists()
