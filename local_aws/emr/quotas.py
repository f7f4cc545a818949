"""How often operations may be called: token buckets, by AWS's published defaults.

Each call takes a token from its operation's bucket and one from the account's, which refill at a constant rate up to
their size: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-service-limits-what-are.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from local_aws.api.errors import AwsError


@dataclass(frozen=True)
class Rate:
    """A bucket's size in calls, and how many calls a second it regains."""

    burst: float
    per_second: float


ACCOUNT: Final = Rate(25, 5)
_MANY: Final = Rate(10, 0.5)
_FEW: Final = Rate(5, 0.5)
DEFAULT_RATES: Final[Mapping[str, Rate]] = {
    "RunJobFlow": _MANY,
    "AddJobFlowSteps": _MANY,
    "CancelSteps": _MANY,
    "TerminateJobFlows": _MANY,
    "DescribeStep": _MANY,
    "ListSteps": _MANY,
    "ListInstances": _MANY,
    "ModifyCluster": _MANY,
    "DescribeCluster": Rate(10, 1),
    "ListInstanceGroups": Rate(10, 1),
    "ListClusters": Rate(20, 0.5),
    "SetTerminationProtection": Rate(5, 0.2),
    "ListInstanceFleets": _FEW,
    "ModifyInstanceFleet": _FEW,
    "AddInstanceFleet": _FEW,
    "AddTags": _FEW,
    "RemoveTags": _FEW,
    "DescribeSecurityConfiguration": _FEW,
    "CreateSecurityConfiguration": _FEW,
}


@dataclass
class _Bucket:
    rate: Rate
    at: int
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.rate.burst

    def refill(self, now: int) -> None:
        gained = (now - self.at) / 1000 * self.rate.per_second
        self.tokens, self.at = min(self.rate.burst, self.tokens + gained), now


class Quotas:
    """The buckets of one account in one Region."""

    def __init__(self, now: int, rates: Mapping[str, Rate] = DEFAULT_RATES, account: Rate = ACCOUNT) -> None:
        """Fill the buckets; operations without a rate of their own have the account's alone."""
        self._account = _Bucket(account, now)
        self._own = {name: _Bucket(rate, now) for name, rate in rates.items()}

    def take(self, operation: str, now: int) -> None:
        """Take a call's tokens; a call that is refused takes none.

        Raises:
            AwsError: `ThrottlingException`, where a bucket is empty.
        """
        buckets = [self._account, *([self._own[operation]] if operation in self._own else [])]
        for bucket in buckets:
            bucket.refill(now)
        if any(bucket.tokens < 1 for bucket in buckets):
            raise AwsError("ThrottlingException", "Rate exceeded")
        for bucket in buckets:
            bucket.tokens -= 1
