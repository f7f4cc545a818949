"""What delivery streams are: as they were asked for, kept in their folders, and as they are described."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

_FILE: Final = "stream.json"
_DESTINATION_ID: Final = "destinationId-000000000001"
# What a description says where the request says nothing.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    "CloudWatchLoggingOptions": {"Enabled": False},
    "S3BackupMode": "Disabled",
}


@dataclass
class Definition:
    """A delivery stream; `destination` is its ExtendedS3DestinationConfiguration, instants are in milliseconds."""

    name: str
    arn: str
    type: str
    created_at: int
    destination: dict[str, Any]
    source_arn: str | None = None
    source_role: str | None = None
    version: int = 1
    updated_at: int | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def keep(self, folder: Path) -> None:
        """Write it where a later process finds it."""
        part = folder / f"{_FILE}.part"
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        part.replace(folder / _FILE)

    def described(self) -> dict[str, Any]:
        """Return its DeliveryStreamDescription."""
        destination = {**_DEFAULTS, **self.destination}
        told: dict[str, Any] = {
            "DeliveryStreamName": self.name,
            "DeliveryStreamARN": self.arn,
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamType": self.type,
            "VersionId": str(self.version),
            "CreateTimestamp": self.created_at / 1000,
            "Destinations": [
                {"DestinationId": _DESTINATION_ID, "ExtendedS3DestinationDescription": destination}
            ],
            "HasMoreDestinations": False,
        }
        if self.updated_at is not None:
            told["LastUpdateTimestamp"] = self.updated_at / 1000
        if self.source_arn is not None:
            told["Source"] = {
                "KinesisStreamSourceDescription": {
                    "KinesisStreamARN": self.source_arn,
                    "RoleARN": self.source_role,
                    "DeliveryStartTimestamp": self.created_at / 1000,
                }
            }
        return told


def kept(folder: Path) -> list[Definition]:
    """Read all that a former process has kept."""
    return [Definition(**json.loads(path.read_bytes())) for path in sorted(folder.glob(f"*/{_FILE}"))]
