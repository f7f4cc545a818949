"""What has to stand on S3 before a plan begins: code by its content's name, lists of inputs."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from orchestrator.errors import UsageError
from orchestrator.packaging.deploy import ArtifactFile, Collected, Patience, put
from orchestrator.plans import Plan, Upload


def upload(s3: Any, plan: Plan, collected: Collected, patience: Patience | None = None) -> Plan:
    """Put what the plan needs where it is not yet; return the plan without texts, which stand on S3 now.

    Raises:
        UsageError: The checkout has not the files that the plan was made with.
        RefusedError: AWS refuses a call.
        TimedOutError: AWS was throttling, or not reached, until the time was over.
        FailedError: Another object lies where ours belongs.
    """
    by_hash = {file.sha256: file for file in collected.files}
    files = [_file(each, by_hash) for each in plan.uploads]
    for file in files:
        put(s3, file, patience)
    return msgspec.structs.replace(
        plan, uploads=[msgspec.structs.replace(each, text=None) for each in plan.uploads]
    )


def _file(upload: Upload, by_hash: Mapping[str, ArtifactFile]) -> ArtifactFile:
    bucket, _, key = upload.uri.removeprefix("s3://").partition("/")
    if upload.text is not None:
        content = upload.text.encode()
    elif upload.sha256 in by_hash:
        content = by_hash[upload.sha256].content
    else:
        raise UsageError(
            f"{upload.uri}: the plan was made with a file of SHA-256 {upload.sha256}, which this checkout has not: "
            "plan again, or check out what it was made from"
        )
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise UsageError(f"{upload.uri}: the plan's text has another SHA-256 than the plan says; plan again")
    return ArtifactFile(bucket, key, content, upload.sha256)
