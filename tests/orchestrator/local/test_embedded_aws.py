"""The commands with the real server: what a user does, in a shell."""

import subprocess
import sys

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


def test_a_shell_starts_the_embedded_aws_talks_to_it_and_ends_it(place: Place) -> None:
    done = subprocess.run(
        ["sh", "-eu"],
        input=SCRIPT,
        cwd=ROOT,
        env=environment(
            python=sys.executable,
            data=str(place.folder),
            AWS_PROFILE="of-nobody",
            AWS_ENDPOINT_URL_S3="http://127.0.0.1:1",
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    listed, account, told, last = done.stdout.splitlines()
    assert (listed, account, last) == ("[] []", "123456789012", "status: 1")
    assert f'"data":"{place.folder}"' in told
    assert '"clusters":{},"running_steps":0' in told
    assert not place.server_file.exists()
