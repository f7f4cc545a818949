"""Why a cluster ended with errors, for programs: `ErrorDetails`, with codes and data as AWS documents them.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-troubleshoot-error-errordetail.html and a page for each code.
What `ErrorMessage` says is not known; here it says what the reason for the state does.
"""

from collections.abc import Mapping
from typing import Final

from local_aws.emr.entities import Cluster, Instance, Json
from local_aws.emr.world import Outcome

_PAGE: Final = "https://docs.aws.amazon.com/emr/latest/ManagementGuide/{code}.html"


def out_of_capacity(instance_type: str, zone: str, message: str) -> Json:
    """Tell that a zone has no more On-Demand instances of a type."""
    data = {"instance-type": instance_type, "availability-zone": zone}
    return _detail("INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", data, message)


def bootstrap_failure(
    cluster: Cluster, instance: Instance, number: int, outcome: Outcome, message: str
) -> Json:
    """Tell that a bootstrap action, counted from 1, failed on the primary, or could not be fetched."""
    path = cluster.request["BootstrapActions"][number - 1]["ScriptBootstrapAction"]["Path"]
    data = {"primary-instance-id": str(instance.ec2_id), "bootstrap-action": str(number)}
    if outcome.is_missing:
        return _detail(
            "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY", {**data, "amazon-s3-path": path}, message
        )
    data |= {"return-code": str(outcome.exit_code), "amazon-s3-path": path}
    return _detail("BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE", data, message)


def _detail(code: str, data: Mapping[str, str], message: str) -> Json:
    pairs = {**data, "public-doc": _PAGE.format(code=code)}
    return {
        "ErrorCode": code,
        "ErrorData": [{key: value} for key, value in pairs.items()],
        "ErrorMessage": message,
    }
