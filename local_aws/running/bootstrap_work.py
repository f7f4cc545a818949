"""Bootstrap actions: a script from S3, run in a scratch folder of this machine with nobody's rights but the user's.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html
"""

import re
import stat
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.emr.entities import Cluster
from local_aws.emr.world import Outcome
from local_aws.running.s3_uri import s3_uri
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop

_FIRST_LINE: Final = re.compile(rb"#![^\r\n]+\n")
_SUDO: Final = """#!/bin/sh
echo "sudo: a bootstrap action has no root on a laptop; guard what needs it, as with: [ -d /emr ]" >&2
exit 1
"""


def run(shop: Workshop, cluster: Cluster, number: int, work: Work) -> Outcome:
    """Fetch a bootstrap action's script and run it, with the scratch folder for its home."""
    action = cluster.request["BootstrapActions"][number - 1]["ScriptBootstrapAction"]
    script = _fetch(shop, action["Path"], work)
    if script is None:
        return Outcome(1, is_missing=True)
    programs = work.folder / "bin"
    # So that no script changes the laptop as root.
    _write_program(programs / "sudo", _SUDO.encode())
    variables = shop.variables(work.folder / "scratch")
    variables["PATH"] = f"{programs}:{variables.get('PATH', '')}"
    if not _FIRST_LINE.match(script.read_bytes()):
        work.note("the script's first line: expected #! and a program, without a carriage return", "WARN")
    return Outcome(work.execute([str(script), *action.get("Args", [])], variables))


def _fetch(shop: Workshop, uri: str, work: Work) -> Path | None:
    found = s3_uri(uri)
    if not found or not found.key:
        work.note(f"ScriptBootstrapAction.Path: expected s3://bucket/key on a laptop, got {uri}", "ERROR")
        return None
    try:
        body = shop.s3.get_object(Bucket=found.bucket, Key=found.key)["Body"].read()
    except (BotoCoreError, ClientError) as fault:
        work.note(f"{uri}: {fault}", "ERROR")
        return None
    return _write_program(work.folder / "script" / found.key.rpartition("/")[2], body)


def _write_program(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
