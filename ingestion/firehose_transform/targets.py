"""The two streams that records can be sent back to: Firehose itself, or the Kinesis stream it reads.

A delivery stream whose source is a Kinesis stream takes no direct puts, so what it has handed over goes back to that
stream, under the partition key it came with; whoever else reads the stream sees those messages again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.events import FirehoseEvent
from ingestion.firehose_transform.sending_back import Piece, Target

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_kinesis import KinesisClient

CONNECT_TIMEOUT_S: Final = 2
READ_TIMEOUT_S: Final = 6
WITHOUT_KEY: Final = "sent-back"

_PASSING: Final = frozenset(
    {
        "InternalFailure",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestTimeout",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
    }
)
_SERVER_FAULT: Final = 500


class FirehoseTarget:
    """Direct put: PutRecordBatch takes 500 records and 4 MiB at once."""

    most_records = 500
    most_bytes = 4 * 1024 * 1024

    def __init__(self, client: "FirehoseClient", delivery_stream: str) -> None:
        self._client, self._name = client, delivery_stream

    def put(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Put pieces; return those that were not taken."""
        try:
            answer = self._client.put_record_batch(
                DeliveryStreamName=self._name, Records=[{"Data": piece.data} for piece in pieces]
            )
        except (ClientError, BotoCoreError) as error:
            return _all_again("firehose:PutRecordBatch", error, pieces)
        told = zip(pieces, answer["RequestResponses"], strict=True)
        return [piece for piece, response in told if "ErrorCode" in response]


class KinesisTarget:
    """The source stream: PutRecords takes 500 records and, keys included, 5 MiB at once (10 MiB where it is newer)."""

    most_records = 500
    most_bytes = 5 * 1024 * 1024

    def __init__(self, client: "KinesisClient", stream_arn: str) -> None:
        self._client, self._arn = client, stream_arn

    def put(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Put pieces under their keys; return those that were not taken."""
        try:
            answer = self._client.put_records(
                StreamARN=self._arn,
                Records=[
                    {"Data": piece.data, "PartitionKey": piece.partition_key or WITHOUT_KEY}
                    for piece in pieces
                ],
            )
        except (ClientError, BotoCoreError) as error:
            return _all_again("kinesis:PutRecords", error, pieces)
        told = zip(pieces, answer["Records"], strict=True)
        return [piece for piece, response in told if "ErrorCode" in response]


def connect(event: FirehoseEvent) -> Target:
    """Reach the stream that an event came from.

    Raises:
        PutRefusedError: the event does not tell which one, or the function cannot reach it.
    """
    # Most batches need no client, and boto3 takes longer to load than all else here.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - see above

    # Tries are ours: they resend only what failed, and end before the function does.
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries={"total_max_attempts": 1}
    )
    try:
        if event.source_kinesis_stream_arn:
            region = region_of(event.source_kinesis_stream_arn) or event.region
            return KinesisTarget(
                boto3.client("kinesis", region_name=region, config=config), event.source_kinesis_stream_arn
            )
        if not event.delivery_stream:
            raise PutRefusedError(
                f"deliveryStreamArn: expected the ARN of a delivery stream, got '{event.delivery_stream_arn}'"
            )
        region = region_of(event.delivery_stream_arn) or event.region
        return FirehoseTarget(
            boto3.client("firehose", region_name=region, config=config), event.delivery_stream
        )
    except BotoCoreError as error:
        raise PutRefusedError(f"the stream cannot be reached: {error}") from error


def region_of(arn: str) -> str:
    """Return the region of an ARN; nothing where it is none."""
    parts = arn.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 5 else ""  # noqa: PLR2004 - an ARN has six parts


def _all_again(operation: str, error: ClientError | BotoCoreError, pieces: Sequence[Piece]) -> list[Piece]:
    """Give every piece back where the fault may pass.

    Raises:
        PutRefusedError: it does not pass.
    """
    if isinstance(error, HTTPClientError):
        return list(pieces)
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _PASSING or status >= _SERVER_FAULT:
            return list(pieces)
    raise PutRefusedError(f"{operation}: {error}; allow it to the function's role") from error
