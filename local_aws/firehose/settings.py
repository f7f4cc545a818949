"""What a delivery stream is told to do, checked by AWS's rules.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local_aws.firehose.prefixes import Prefix, invalid, prefixes

MIB: Final = 1024 * 1024
_MIB_DEFAULT, _SECONDS_DEFAULT = 5, 300
_LEAST_PARTITIONED_MIB: Final = 64
_EXTENSIONS: Final[Mapping[str, str]] = {"UNCOMPRESSED": "", "GZIP": ".gz"}
_REFUSED: Final = ("DataFormatConversionConfiguration",)


@dataclass(frozen=True)
class Buffering:
    """When a buffer is full, or old enough."""

    size_bytes: int
    interval_ms: int


@dataclass(frozen=True)
class Function:
    """The Lambda function that transforms; `retries` are those after a first try that failed."""

    arn: str
    buffering: Buffering
    retries: int


@dataclass(frozen=True)
class Destination:
    """Where and how objects are delivered."""

    bucket: str
    prefix: Prefix
    error_prefix: Prefix
    zone: ZoneInfo
    buffering: Buffering
    is_gzip: bool
    extension: str
    is_partitioned: bool
    has_delimiter: bool
    function: Function | None


def destination(asked: Mapping[str, Any]) -> Destination:
    """Read an ExtendedS3DestinationConfiguration.

    Raises:
        AwsError: InvalidArgumentException, for what AWS refuses, and for what is not served here.
    """
    for name in _REFUSED:
        if asked.get(name, {}).get("Enabled", name in asked):
            raise invalid(f"{name} is not served by the embedded Firehose")
    if asked.get("S3BackupMode", "Disabled") != "Disabled":
        raise invalid("S3BackupMode: only Disabled is served by the embedded Firehose")
    is_partitioned = asked.get("DynamicPartitioningConfiguration", {}).get("Enabled", False)
    prefix, error_prefix = prefixes(
        asked.get("Prefix", ""), asked.get("ErrorOutputPrefix"), is_partitioned=is_partitioned
    )
    compression = asked.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in _EXTENSIONS:
        raise invalid(f"CompressionFormat: {compression} is not served by the embedded Firehose")
    processing = asked.get("ProcessingConfiguration", {})
    processors = processing.get("Processors", []) if processing.get("Enabled", False) else []
    return Destination(
        bucket=asked["BucketARN"].rpartition(":")[2],
        prefix=prefix,
        error_prefix=error_prefix,
        zone=_zone(asked.get("CustomTimeZone", "UTC")),
        buffering=_buffering(asked.get("BufferingHints", {}), is_partitioned=is_partitioned),
        is_gzip=compression == "GZIP",
        extension=asked.get("FileExtension") or _EXTENSIONS[compression],
        is_partitioned=is_partitioned,
        has_delimiter=any(each["Type"] == "AppendDelimiterToRecord" for each in processors),
        function=_function(processors),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise invalid(f"CustomTimeZone: {name} is not a time zone") from fault


def _buffering(hints: Mapping[str, int], *, is_partitioned: bool) -> Buffering:
    size = hints.get("SizeInMBs", _LEAST_PARTITIONED_MIB if is_partitioned else _MIB_DEFAULT)
    seconds = hints.get("IntervalInSeconds", _SECONDS_DEFAULT)
    if is_partitioned and size < _LEAST_PARTITIONED_MIB:
        raise invalid("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.")
    if is_partitioned and seconds == 0:
        raise invalid(
            "BufferingHints.IntervalInSeconds: zero buffering is not supported with Dynamic Partitioning."
        )
    return Buffering(size * MIB, seconds * 1000)


def _function(processors: list[dict[str, Any]]) -> Function | None:
    found = None
    for processor in processors:
        if processor["Type"] == "AppendDelimiterToRecord":
            continue
        if processor["Type"] != "Lambda" or found is not None:
            raise invalid(
                f"Processors: {processor['Type']} is not served by the embedded Firehose, or named twice"
            )
        given = {each["ParameterName"]: each["ParameterValue"] for each in processor.get("Parameters", [])}
        found = Function(
            arn=_required(given, "LambdaArn").removesuffix(":$LATEST"),
            buffering=Buffering(
                int(_number(given, "BufferSizeInMBs", 1.0, (0.2, 3.0)) * MIB),
                int(_number(given, "BufferIntervalInSeconds", 60, (0, 900)) * 1000),
            ),
            retries=int(_number(given, "NumberOfRetries", 3, (0, 300))),
        )
    return found


def _required(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        raise invalid(f"Processors: a processor of type Lambda needs the parameter {name}")
    return given[name]


def _number(given: Mapping[str, str], name: str, default: float, accepted: tuple[float, float]) -> float:
    text = given.get(name, str(default))
    try:
        value = float(text)
    except ValueError as fault:
        raise invalid(f"{name}: expected a number, got {text}") from fault
    if not accepted[0] <= value <= accepted[1]:
        raise invalid(f"{name}: expected {accepted[0]:g} to {accepted[1]:g}, got {text}")
    return value
