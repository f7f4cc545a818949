"""The Lambda function's entry: `ingestion.firehose_transform.handler.handler`.

Environment variables, all optional:

- `TRANSFORM_STREAM`: the stream's function (see `streams/registry.py`); without it the delivery stream's name decides.
- `TRANSFORM_PARTITION_KEYS`: some of year, month, day, hour, type, separated by commas, where dynamic partitioning is
  on; they are then set as `metadata.partitionKeys`.
- `POWERTOOLS_LOG_LEVEL`, `POWERTOOLS_SERVICE_NAME`: of the log, one line of JSON a batch.

Where records are sent back to is told by the event. The role needs `firehose:PutRecordBatch` on the delivery stream, or
`kinesis:PutRecords` on the stream that is its source. Give the function a minute or more, and 512 MB.
"""

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from aws_lambda_powertools import Logger

from ingestion.firehose_transform import targets
from ingestion.firehose_transform.batch import Edge, transform_batch
from ingestion.firehose_transform.events import Response, read_event
from ingestion.firehose_transform.sending_back import Time
from ingestion.firehose_transform.settings import read_settings

WITHOUT_CONTEXT_S: Final = 60

logger: Final = Logger(service="firehose-transform")


def handler(event: dict[str, Any], context: Any) -> Response:
    """Transform one batch of Firehose.

    Raises:
        WrongEventError: the event is no Firehose transformation event.
        SettingsError: no stream's function is known for the delivery stream, or a variable is wrong.
    """
    batch = read_event(event)
    settings = read_settings(os.environ)
    left = Time(_remaining_ms(context), time.sleep)
    response, counts = transform_batch(batch, settings, Edge(targets.connect, left))
    told = asdict(counts) | {
        "invocation_id": batch.invocation_id,
        "delivery_stream": batch.delivery_stream or batch.delivery_stream_arn,
        "request_id": getattr(context, "aws_request_id", ""),
    }
    level = logger.warning if counts.failed else logger.info
    level("batch transformed", extra=told)
    return response


def _remaining_ms(context: Any) -> Callable[[], float]:
    """Ask the context for the time that is left; without one, as in a test or a script, there is a minute."""
    told: Callable[[], float] | None = getattr(context, "get_remaining_time_in_millis", None)
    end = time.monotonic() + WITHOUT_CONTEXT_S
    return told or (lambda: (end - time.monotonic()) * 1000)
