"""What the function's environment says: read once for each call, so that a test may change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ingestion.firehose_transform.errors import SettingsError
from ingestion.firehose_transform.partitions import KEYS

MOST_RESPONSE_BYTES: Final = 6_291_556 - 100_000
"""Lambda's limit of a synchronous answer, less a margin for what surrounds the records."""


@dataclass(frozen=True)
class Settings:
    """How to transform.

    `stream` names the stream's function where the delivery stream's name does not; `partition_keys` are those that
    dynamic partitioning asks for, none where it is off.
    """

    stream: str = ""
    partition_keys: tuple[str, ...] = ()
    most_response_bytes: int = MOST_RESPONSE_BYTES


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read TRANSFORM_STREAM and TRANSFORM_PARTITION_KEYS.

    Raises:
        SettingsError: a partition key is not known.
    """
    written = environment.get("TRANSFORM_PARTITION_KEYS", "")
    keys = tuple(key.strip() for key in written.split(",") if key.strip())
    if unknown := [key for key in keys if key not in KEYS]:
        raise SettingsError(
            f"TRANSFORM_PARTITION_KEYS: expected some of {', '.join(KEYS)}, separated by commas, got '{unknown[0]}'"
        )
    return Settings(environment.get("TRANSFORM_STREAM", "").strip(), keys)
