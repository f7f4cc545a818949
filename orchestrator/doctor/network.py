"""Subnets: there, of one VPC, in several zones, and tagged for EMR's managed policies."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok, unknown, warn

# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html
MANAGED: Final = "for-use-with-amazon-emr-managed-policies"
_NONE: Final = frozenset({"InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"})


def check_subnets(ec2: Any, subnet_ids: Sequence[str]) -> Iterator[Check]:
    """See whether clusters can lie in these subnets."""
    if not subnet_ids:
        yield unknown(
            "subnets",
            "none is named",
            "name them: --subnet subnet-…; clusters without one use the default VPC",
        )
        return
    try:
        subnets = ec2.describe_subnets(SubnetIds=list(subnet_ids))["Subnets"]
    except ClientError as error:
        if code_of(error) not in _NONE:
            raise
        message = error.response.get("Error", {}).get("Message", "")
        yield missing("subnets", message, "aws ec2 describe-subnets names those there are")
        return
    yield _vpc(subnets)
    yield _zones(subnets)
    yield _tags(subnets)


def _vpc(subnets: Sequence[Any]) -> Check:
    vpcs = sorted({each["VpcId"] for each in subnets})
    if len(vpcs) > 1:
        return missing("subnets: VPC", f"of {', '.join(vpcs)}", "name subnets of one VPC: EMR refuses others")
    return ok("subnets: VPC", vpcs[0])


def _zones(subnets: Sequence[Any]) -> Check:
    zones = sorted({each["AvailabilityZone"] for each in subnets})
    if len(zones) == 1:
        return warn(
            "subnets: zones", zones[0], "add subnets in other zones: EMR takes the one with the capacity"
        )
    return ok("subnets: zones", ", ".join(zones))


def _tags(subnets: Sequence[Any]) -> Check:
    bare = [each["SubnetId"] for each in subnets if not _is_tagged(each)]
    if bare:
        words = " ".join(map(shlex.quote, bare))
        mend = f"aws ec2 create-tags --resources {words} --tags Key={MANAGED},Value=true"
        return warn("subnets: tags", f"{', '.join(bare)} without {MANAGED}=true", mend)
    return ok("subnets: tags", f"{MANAGED}=true")


def _is_tagged(subnet: Any) -> bool:
    return any(tag["Key"] == MANAGED and tag["Value"] == "true" for tag in subnet.get("Tags", []))
