"""Keeps this process below the rates at which Amazon EMR, or EMR Serverless, throttles.

EMR counts the calls of an account in a Region by token buckets, one for each operation and one for all
(https://docs.aws.amazon.com/general/latest/gr/emr.html). Other processes draw on the same buckets: where EMR finds one
empty, `orchestrator.aws.retrying` waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.aws.clock import Clock


@dataclass(frozen=True)
class Bucket:
    """So many calls at once, and so many a second afterwards."""

    burst: float
    refill_per_s: float


_SLOW: Final = Bucket(10, 0.5)
_FLEETS: Final = Bucket(5, 0.5)
_SERVERLESS: Final = Bucket(25, 1)
UNBOUNDED: Final = Bucket(1e9, 1e9)
_SERVERLESS_LOOKS: Final = Bucket(50, 10)
ALL: Final = Bucket(25, 5)
BUCKETS: Final[Mapping[str, Bucket]] = {
    "AddInstanceFleet": _FLEETS,
    "AddJobFlowSteps": _SLOW,
    "AddTags": _FLEETS,
    "CancelSteps": _SLOW,
    "DescribeCluster": Bucket(10, 1),
    "DescribeSecurityConfiguration": _FLEETS,
    "DescribeStep": _SLOW,
    "ListClusters": Bucket(20, 0.5),
    "ListInstanceFleets": _FLEETS,
    "ListInstanceGroups": Bucket(10, 1),
    "ListInstances": _SLOW,
    "ListSteps": _SLOW,
    "ModifyCluster": _SLOW,
    "ModifyInstanceFleet": _FLEETS,
    "RemoveTags": _FLEETS,
    "RunJobFlow": _SLOW,
    "SetTerminationProtection": Bucket(5, 0.2),
    "TerminateJobFlows": _SLOW,
}
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html: none for all calls together.
SERVERLESS_BUCKETS: Final[Mapping[str, Bucket]] = {
    "CancelJobRun": _SERVERLESS,
    "CreateApplication": _SERVERLESS,
    "DeleteApplication": _SERVERLESS,
    "GetApplication": _SERVERLESS_LOOKS,
    "GetJobRun": _SERVERLESS_LOOKS,
    "ListApplications": _SERVERLESS,
    "ListJobRuns": _SERVERLESS,
    "StartJobRun": _SERVERLESS,
    "StopApplication": _SERVERLESS,
}
# Of an operation that no quota names: as slow as the slowest.
_OTHERS: Final = Bucket(5, 0.2)
# Some of each bucket is left to the console, to other tools and to the other orchestrators of the account.
SHARE: Final = 0.8
# A wait that is lost in the rounding of an instant would be waited for ever.
_SHORTEST_S: Final = 0.001


@dataclass
class _Level:
    bucket: Bucket
    tokens: float
    at: float

    def fill(self, now: float) -> None:
        self.tokens = min(self.bucket.burst, self.tokens + max(0.0, now - self.at) * self.bucket.refill_per_s)
        self.at = now

    def wait_s(self) -> float:
        return max(0.0, 1 - self.tokens) / self.bucket.refill_per_s


class Limiter:
    """The buckets of one process; a call takes a token of its operation and one of all."""

    def __init__(
        self, clock: Clock, share: float = SHARE, buckets: Mapping[str, Bucket] = BUCKETS, every: Bucket = ALL
    ) -> None:
        """Begin with full buckets, each of them `share` of what AWS has: those of EMR, or of EMR Serverless."""
        self._clock, self._share = clock, share
        self._buckets, self._every = buckets, every
        self._levels: dict[str, _Level] = {}

    def wait_s(self, operation: str) -> float:
        """Tell how long a call has to wait for its turn."""
        levels = self._filled(operation)
        return max(level.wait_s() for level in levels)

    def take(self, operation: str) -> None:
        """Wait for the turn of a call, and take it."""
        while (wait_s := self.wait_s(operation)) > 0:
            self._clock.sleep(max(wait_s, _SHORTEST_S))
        for level in self._filled(operation):
            level.tokens -= 1

    def drain(self, operation: str) -> None:
        """Hear that EMR has found the operation's bucket empty: others draw on it as well."""
        self._filled(operation)[0].tokens = 0.0

    def _filled(self, operation: str) -> tuple[_Level, _Level]:
        now = self._clock.now()
        pair = (
            self._level(operation, self._buckets.get(operation, _OTHERS), now),
            self._level("", self._every, now),
        )
        for level in pair:
            level.fill(now)
        return pair

    def _level(self, name: str, documented: Bucket, now: float) -> _Level:
        if name not in self._levels:
            bucket = Bucket(documented.burst * self._share, documented.refill_per_s * self._share)
            self._levels[name] = _Level(bucket, bucket.burst, now)
        return self._levels[name]
