"""What a command works with: the account, its EMR and S3, and whose state and clusters are meant."""

import re
from dataclasses import dataclass
from typing import Any, Final

import typer
from botocore.exceptions import ClientError

from orchestrator.aws import clients
from orchestrator.aws.both import EmrWithServerless
from orchestrator.aws.clients import Account
from orchestrator.aws.clock import Clock, SystemClock
from orchestrator.aws.emr import Emr
from orchestrator.aws.faults import AWS_ERRORS, code_of, refusal
from orchestrator.aws.serverless import PAUSE_S, Serverless
from orchestrator.aws.store import S3Store
from orchestrator.errors import UsageError
from orchestrator.secrets import redact

BUCKET_VARIABLE: Final = "EMR_JOB_SUITE_BUCKET"
LOCAL_BUCKET: Final = "emr-job-suite"
# The embedded AWS stops an application in less than a second.
LOCAL_PAUSE_S: Final = 0.1
_FIRST: Final = "us-east-1"
# What S3 answers outside us-east-1, where it takes one that is ours for made.
_OURS: Final = "BucketAlreadyOwnedByYou"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class Context:
    """An account as one command sees it; `bucket` holds the state, and names the owner of clusters."""

    account: Account
    emr: Emr
    store: S3Store
    s3: Any
    clock: Clock
    bucket: str

    @property
    def owner(self) -> str:
        """Return whose clusters are ours, as their tags say."""
        return self.bucket

    def ensure_bucket(self) -> None:
        """Make the bucket where it is not there, in the embedded AWS only: in an account somebody has to mean it.

        Raises:
            RefusedCallError: It cannot be made.
        """
        if self.account.is_local and self.bucket == LOCAL_BUCKET:
            try:
                self.s3.create_bucket(Bucket=self.bucket, **_place(self.account.region))
            except AWS_ERRORS as fault:
                if isinstance(fault, ClientError) and code_of(fault) == _OURS:
                    return
                raise refusal("S3", f"CreateBucket {self.bucket}", fault) from fault

    def until(self, timeout_s: float) -> float:
        """Return the instant at which the command gives up, in seconds of the Unix epoch."""
        return self.clock.now() + timeout_s


def _place(region: str) -> dict[str, Any]:
    """Say where a bucket is to be: S3 takes no constraint for us-east-1, and wants one elsewhere."""
    return {} if region == _FIRST else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def context(
    local: bool,
    profile: str | None,
    region: str | None,
    bucket: str | None,
) -> Context:
    """Return what a command works with.

    Raises:
        UsageError: There is no bucket, profile or Region of that name, or no embedded AWS runs.
    """
    name = bucket_name(bucket, is_local=local)
    account = clients.local_account() if local else clients.account(profile, region)
    clock, s3 = SystemClock(), account.client("s3")
    pause_s = LOCAL_PAUSE_S if local else PAUSE_S
    serverless = Serverless(account.client("emr-serverless", clients.WRITING), clock, pause_s=pause_s)
    reading, writing = account.client("emr"), account.client("emr", clients.WRITING)
    emr = EmrWithServerless(reading, writing, serverless, clock, say=_say)
    return Context(account, emr, S3Store(s3, name, clock), s3, clock, name)


def _say(text: str) -> None:
    typer.echo(redact(text), err=True)


def bucket_name(given: str | None, *, is_local: bool) -> str:
    """Return the bucket with our state.

    Raises:
        UsageError: None is named, or its name is none of a bucket.
    """
    name = given or (LOCAL_BUCKET if is_local else "")
    if not name:
        raise UsageError(
            f"no bucket: expected the one with our state, which names whose clusters are ours: --bucket NAME, or "
            f"{BUCKET_VARIABLE}; with --local it is {LOCAL_BUCKET}"
        )
    if not _BUCKET.fullmatch(name):
        raise UsageError(
            f"--bucket: expected a bucket's name, 3 to 63 of a-z, 0-9, '.' and '-', got {name!r} (no s3://, no path)"
        )
    return name
