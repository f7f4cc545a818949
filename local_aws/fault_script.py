"""A script of faults: what goes wrong in the embedded AWS, from a JSON file.

    {
      "shortages": [{"market": "SPOT", "instance_types": ["m5.xlarge"], "zones": ["us-east-1a"], "left": 2,
                     "from_minute": 0, "to_minute": 30}],
      "calls": [{"kind": "throttled", "rate": 0.1, "operation": "DescribeCluster"}],
      "launch_failures": [{"code": "VALIDATION_ERROR", "message": "…"}],
      "list_lag_seconds": 30
    }

Minutes count from the server's start; what is left out holds for all types, zones, times and operations.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local_aws.emr.emulator import Emr
from local_aws.emr.faults import CallFault, CallFaults
from local_aws.emr.supply import Shortage
from local_aws.emr.world import MINUTE, SECOND

_Count = Annotated[int, Field(ge=0)]


class FaultScriptError(Exception):
    """A file that is no script of faults; says all that is wrong with it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShortageOf(_Part):
    """See `Shortage`."""

    market: Literal["SPOT", "ON_DEMAND"]
    instance_types: frozenset[str] | None = None
    zones: frozenset[str] | None = None
    left: _Count = 0
    from_minute: Annotated[float, Field(ge=0)] = 0
    to_minute: float | None = None


class FaultOfCalls(_Part):
    """See `CallFault`."""

    kind: Literal["throttled", "server_error", "lost_answer"]
    rate: Annotated[float, Field(ge=0, le=1)]
    operation: str | None = None


class LaunchFailure(_Part):
    """Why the next cluster is given up after its launch was accepted."""

    code: str
    message: str


class FaultScript(_Part):
    """All that goes wrong."""

    shortages: tuple[ShortageOf, ...] = ()
    calls: tuple[FaultOfCalls, ...] = ()
    launch_failures: tuple[LaunchFailure, ...] = ()
    list_lag_seconds: _Count = 0

    def apply(self, emr: Emr) -> None:
        """Let it go wrong from now on."""
        now = emr.world.now
        for told in self.shortages:
            ends_at = None if told.to_minute is None else now + int(told.to_minute * MINUTE)
            begins_at = now + int(told.from_minute * MINUTE)
            shortage = Shortage(told.market, begins_at, ends_at, told.instance_types, told.zones, told.left)
            emr.world.supply.shortages.append(shortage)
        self.apply_to_calls(emr.faults)
        emr.account.launch_failures += [(one.code, one.message) for one in self.launch_failures]
        emr.account.list_lag = self.list_lag_seconds * SECOND

    def apply_to_calls(self, faults: CallFaults) -> None:
        """Let the calls of a service go wrong from now on."""
        faults.script += [CallFault(one.kind, one.rate, one.operation) for one in self.calls]


def read(path: Path) -> FaultScript:
    """Read a script.

    Raises:
        FaultScriptError: Where it cannot be read, or says what is not known.
    """
    try:
        return FaultScript.model_validate_json(path.read_bytes())
    except OSError as fault:
        raise FaultScriptError(f"--faults {path}: expected a JSON file, failed: {fault.strerror}") from fault
    except ValidationError as fault:
        faults = (
            f"{path}: {'.'.join(map(str, one['loc'])) or '(whole)'}: {one['msg']}, got {one['input']!r}"
            for one in fault.errors()
        )
        raise FaultScriptError("\n".join(faults)) from fault
