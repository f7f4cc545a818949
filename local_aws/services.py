"""The services that are ours beside EMR: Firehose, and the invocation of Lambda functions."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from moto.core.models import DEFAULT_ACCOUNT_ID
from mypy_boto3_s3 import S3Client
from werkzeug.wrappers import Request

from local_aws import formation, kinesis_shards, s3_events
from local_aws.api.wire import FIREHOSE, answer
from local_aws.clients import REGION, VARIABLES, client
from local_aws.firehose.service import Firehose, Surroundings
from local_aws.firehose.transform import FunctionError, FunctionTimedOutError, InvokeError
from local_aws.functions import event_sources
from local_aws.functions.service import PATH, Functions, UnknownFunctionError
from local_aws.loopback import Start

_INVOCATION: Final = "RequestResponse"


class Services:
    """Firehose and functions at one endpoint, whose work is done below a folder."""

    def __init__(self, folder: Path, url: str, s3: S3Client, now: Callable[[], int]) -> None:
        """Begin; the endpoint answers already."""
        self._s3, self._kinesis = s3, client(url, "kinesis")
        variables = {**VARIABLES, "AWS_ENDPOINT_URL": url}
        self.functions = Functions(folder / "functions", REGION, variables)
        surroundings = Surroundings(
            DEFAULT_ACCOUNT_ID,
            REGION,
            now,
            lambda: str(uuid.uuid4()),
            self._transform,
            self._put,
            self._kinesis,
        )
        self.firehose = Firehose(folder / "firehose", surroundings)
        kinesis_shards.complete()
        s3_events.complete()
        s3_events.Invocations.invoke = self.functions.invoke
        formation.complete()
        formation.Makers.firehose, formation.Makers.s3 = self.firehose.call, s3
        event_sources.complete()
        self._sources = event_sources.EventSources(self.functions.invoke, REGION)

    def is_for(self, environ: dict[str, Any]) -> bool:
        """Tell whether a request is for one of them."""
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        return target.startswith(FIREHOSE) or PATH.fullmatch(environ["PATH_INFO"]) is not None

    def answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request that is for one of them."""
        if (target := environ.get("HTTP_X_AMZ_TARGET", "")).startswith(FIREHOSE):
            told = answer(self.firehose.call, target, Request(environ).get_data())
            start(f"{told.status} -", list(told.headers.items()))
            return [told.body]
        found = PATH.fullmatch(environ["PATH_INFO"])
        assert found is not None  # noqa: S101 - it is for none but these two
        return self._invoke(unquote(found["name"]), Request(environ), start)

    def end_work(self) -> None:
        """Deliver what waits, and end all functions; the endpoint still answers."""
        self.firehose.close()
        s3_events.Invocations.invoke = None
        formation.Makers.firehose = formation.Makers.s3 = None
        self._sources.close()
        self.functions.close()

    def close(self) -> None:
        """Give back what is held."""
        self._kinesis.close()

    def _invoke(self, name: str, request: Request, start: Start) -> Iterable[bytes]:
        payload = request.get_data() or b"{}"
        try:
            json.loads(payload)
            result = self.functions.invoke(name, payload)
        except UnknownFunctionError:
            message = f"Function not found: {name}"
            return _tell(start, 404, {"Type": "User", "Message": message}, "ResourceNotFoundException")
        except ValueError as fault:
            message = f"Could not parse request body into json: {fault}"
            return _tell(start, 400, {"Type": "User", "message": message}, "InvalidRequestContentException")
        kind = request.headers.get("X-Amz-Invocation-Type", _INVOCATION)
        body = result.payload if kind == _INVOCATION else b""
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        headers.append(("X-Amz-Executed-Version", "$LATEST"))
        if result.error and kind == _INVOCATION:
            headers.append(("X-Amz-Function-Error", result.error))
        start("200 -" if kind == _INVOCATION else "202 -", headers)
        return [body]

    def _transform(self, arn: str, payload: bytes) -> bytes:
        """Invoke a function for Firehose."""
        try:
            result = self.functions.invoke(arn, payload)
        except UnknownFunctionError as fault:
            message = (
                "The specified Lambda function does not exist. Use a different function that does exist."
            )
            raise InvokeError("Lambda.ResourceNotFound", message) from fault
        if result.is_timeout:
            raise FunctionTimedOutError
        if result.error:
            raise FunctionError(result.payload.decode())
        return result.payload

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/octet-stream")


def _tell(start: Start, status: int, told: Mapping[str, str], kind: str) -> Iterable[bytes]:
    body = json.dumps(told).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start(f"{status} -", [*headers, ("x-amzn-ErrorType", kind)])
    return [body]
