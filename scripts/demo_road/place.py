"""Where the demo puts what: one folder, in which all of it can be looked at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

# As infrastructure/road.yaml and pipelines/devices.yaml have it.
NAME: Final = "devices"
RAW: Final = "raw"
LAKE: Final = "lake"
CODE: Final = "code"
STATE: Final = "emr-job-suite"
FAILED: Final = f"processing-failed/{NAME}/"


@dataclass(frozen=True)
class Place:
    """The demo's folder."""

    output: Path

    @property
    def aws(self) -> Path:
        """Name the folder of the embedded AWS."""
        return self.output / "aws"

    @property
    def logs(self) -> Path:
        """Name the folder with what each command has said."""
        return self.output / "logs"

    @property
    def truth(self) -> Path:
        """Name the file with what devices say that they have sent."""
        return self.output / "truth.json"

    @property
    def sent(self) -> Path:
        """Name the file with what the stream has acknowledged."""
        return self.output / "sent.json"

    @property
    def transform_log(self) -> Path:
        """Name the log of the transform's function."""
        return self.aws / "functions" / f"{NAME}-transform" / "log"

    def of(self, table: str) -> Path:
        """Name the folder with a copy of what lies in the lake, or of the manifests."""
        return self.output / table
