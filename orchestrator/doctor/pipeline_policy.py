"""What a pipeline needs of a caller beside the run itself: its queues, its ledger, and what follows its runs.

Glue's tables and the data that a query reads are not told: they stand in its SQL only.
https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from orchestrator.config.pipeline import Pipeline
from orchestrator.doctor.policy import allow

_CONSUME: Final = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
)
_SEND: Final = ("sqs:GetQueueUrl", "sqs:SendMessage")
_FIND_RESULTS: Final = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_WRITE_RESULTS: Final = (
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)


@dataclass(frozen=True)
class Place:
    """Where names without an ARN are: a Region of an account; `bucket` holds the state."""

    partition: str
    region: str
    account: str
    bucket: str

    def queue(self, named: str) -> str:
        """Return the ARN of a queue by its name, or by its URL, which tells Region and account."""
        url = urlsplit(named)
        if not url.netloc:
            return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{named}"
        account, _, name = url.path.strip("/").rpartition("/")
        first, _, rest = url.netloc.partition(".")
        region = rest.partition(".")[0] if first == "sqs" else self.region
        return f"arn:{self.partition}:sqs:{region}:{account or self.account}:{name}"

    def workgroup(self, name: str) -> str:
        """Return the ARN of a workgroup of Athena."""
        return f"arn:{self.partition}:athena:{self.region}:{self.account}:workgroup/{name}"

    def s3(self, path: str) -> str:
        """Return the ARN of a bucket, or of objects in one."""
        return f"arn:{self.partition}:s3:::{path}"


def pipeline_statements(pipelines: Sequence[Pipeline], place: Place) -> list[dict[str, Any]]:
    """Return the statements for pipelines, each once, with the resources of all of them."""
    triggers = [each.trigger for each in pipelines if each.trigger is not None]
    targets: dict[str, list[str]] = {}
    results: list[str] = []
    for action in (action for each in pipelines for action in each.then):
        targets.setdefault(action.kind, []).append(action.target)
        results += [action.results] if action.results else []
    told: list[tuple[str, Sequence[str], list[str]]] = [
        ("Consume", _CONSUME, [place.queue(each.queue) for each in triggers]),
        ("PutAside", _SEND, [place.queue(each.dead_letter_queue) for each in triggers]),
        (
            "SweepLedger",
            ("s3:DeleteObject",),
            [place.s3(f"{place.bucket}/_state/ledger/*") for _ in triggers],
        ),
        ("Query", ("athena:StartQueryExecution",), [*map(place.workgroup, targets.get("query", []))]),
        ("FindResults", _FIND_RESULTS, [place.s3(_bucket(each)) for each in results]),
        ("WriteResults", _WRITE_RESULTS, [place.s3(f"{_path(each)}*") for each in results]),
        ("Send", _SEND, [*map(place.queue, targets.get("message", []))]),
        ("Publish", ("sns:Publish",), targets.get("notification", [])),
    ]
    return [allow(sid, actions, list(dict.fromkeys(found))) for sid, actions, found in told if found]


def buckets_read(pipelines: Sequence[Pipeline]) -> list[str]:
    """Return the buckets whose objects jobs read, each once; what a job before has made is among its outputs."""
    jobs = [job for each in pipelines for job in each.jobs.values()]
    found = [uri for job in jobs for uri in job.inputs if uri.startswith("s3://")]
    return list(dict.fromkeys(map(_bucket, found)))


def _path(uri: str) -> str:
    return uri.partition("://")[2]


def _bucket(uri: str) -> str:
    return _path(uri).partition("/")[0]
