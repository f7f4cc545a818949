"""The embedded Firehose as a process of its own, over the endpoint of an embedded AWS: its folder is all its memory.

`python -m benchmarks.road_chaos.firehose URL FOLDER`, until SIGTERM, which lets it deliver what waits.
"""

import signal
import sys
import threading
import uuid
from pathlib import Path
from typing import Final

from moto.core.models import DEFAULT_ACCOUNT_ID

from local_aws.clients import REGION, client
from local_aws.clock import clock
from local_aws.firehose.service import Firehose, Surroundings
from local_aws.firehose.transform import FunctionError

_CONTENT: Final = "application/octet-stream"


def surroundings(url: str) -> Surroundings:
    """Return what the service stands among, all of it behind an endpoint."""
    s3, functions = client(url, "s3"), client(url, "lambda")

    def invoke(arn: str, payload: bytes) -> bytes:
        answer = functions.invoke(FunctionName=arn, Payload=payload)
        body: bytes = answer["Payload"].read()
        if "FunctionError" in answer:
            raise FunctionError(body.decode())
        return body

    def put(bucket: str, key: str, body: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=_CONTENT)

    kinesis = client(url, "kinesis")
    return Surroundings(DEFAULT_ACCOUNT_ID, REGION, clock(1), lambda: str(uuid.uuid4()), invoke, put, kinesis)


def main(url: str, folder: Path) -> None:
    """Take up the streams of a folder, and deliver until somebody says that it is over."""
    is_over = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: is_over.set())
    service = Firehose(folder, surroundings(url))
    is_over.wait()
    service.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
