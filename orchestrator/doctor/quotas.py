"""How many vCPUs EC2 gives the account, On-Demand and Spot."""

from collections.abc import Iterator
from typing import Any, Final

from orchestrator.doctor.checks import Check, ok, warn

# Of the standard families: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
CODES: Final = {"On-Demand vCPUs": "L-1216C47A", "Spot vCPUs": "L-34B43A08"}
# A primary, two core and two task nodes of the smallest sensible types.
LEAST_VCPUS: Final = 20


def check_quota(quotas: Any, name: str, least: float = LEAST_VCPUS) -> Iterator[Check]:
    """See whether a quota is enough for a small cluster."""
    code = CODES[name]
    value = float(quotas.get_service_quota(ServiceCode="ec2", QuotaCode=code)["Quota"]["Value"])
    if value >= least:
        yield ok(f"quota {name}", f"{value:g}")
        return
    mend = (
        "aws service-quotas request-service-quota-increase --service-code ec2 "
        f"--quota-code {code} --desired-value {max(64, least):g}"
    )
    yield warn(f"quota {name}", f"{value:g}: too few for a small cluster ({least:g})", mend)
