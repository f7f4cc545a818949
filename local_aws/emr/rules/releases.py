"""Releases of EMR by their labels, and which features they have.

Labels come in two forms, `emr-7.14.0` and `emr-spark-8.0.0`. Every well-formed one is a release here: which of them
AWS has published is not a rule's to know.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from local_aws.api.errors import validation

INVALID_LABEL: Final = "The supplied release label is invalid: {label}."
_NUMBER: Final = r"(0|[1-9][0-9]*)"
_LABEL: Final = re.compile(rf"emr-(spark-)?{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class Release(NamedTuple):
    """A release, which compares with others, and with tuples of numbers: `release >= (5, 30)`.

    `emr-spark-8.0.0` is newer than any `emr-7`, as its number says, and than `emr-8.0.0`, if there ever is one.
    """

    major: int
    minor: int
    patch: int
    is_spark: bool = False

    @classmethod
    def parse(cls, label: str) -> "Release | None":
        """Read a label; None where it is not one."""
        found = _LABEL.fullmatch(label)
        if found is None:
            return None
        spark, major, minor, patch = found.groups()
        return cls(int(major), int(minor), int(patch), spark is not None)

    @property
    def has_fleets(self) -> bool:
        """Tell of instance fleets: 4.8.0 and later, without 5.0.x (`InstanceFleetConfig`)."""
        return self >= (4, 8) and self[:2] != (5, 0)

    @property
    def has_allocation_strategies(self) -> bool:
        """Tell of fleets' allocation strategies: 5.12.1 and later (`InstanceFleetProvisioningSpecifications`)."""
        return self >= (5, 12, 1)

    @property
    def has_managed_scaling(self) -> bool:
        """Tell of managed scaling: 5.30.0 and later, without 6.0.x.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-scaling.html
        """
        return self >= (5, 30) and self[:2] != (6, 0)

    @property
    def has_auto_termination(self) -> bool:
        """Tell of auto-termination policies: 5.30.0 and later, without 6.0.x (`PutAutoTerminationPolicy`)."""
        return self >= (5, 30) and self[:2] != (6, 0)

    @property
    def has_larger_default_volumes(self) -> bool:
        """Tell of default EBS storage by an instance's size: 5.22.0 and later.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-storage.html
        """
        return self >= (5, 22)

    @property
    def has_large_fleets(self) -> bool:
        """Tell of fleets of more than 2,000 instances: 7.7.0 and later.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html
        """
        return self >= (7, 7)

    @property
    def has_step_concurrency(self) -> bool:
        """Tell of steps at the same time: 5.28.0 and later.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-concurrent-steps.html
        """
        return self >= (5, 28)

    @property
    def cancels_steps(self) -> bool:
        """Tell of CancelSteps: 4.8.0 and later, without 5.0.0 (`CancelSteps`)."""
        return self >= (4, 8) and self[:3] != (5, 0, 0)

    @property
    def cancels_running_steps(self) -> bool:
        """Tell of the cancelling of steps that run: 5.28.0 and later (`CancelSteps`)."""
        return self >= (5, 28)

    @property
    def has_custom_ami(self) -> bool:
        """Tell of custom AMIs: 5.7.0 and later (`RunJobFlowInput.CustomAmiId`)."""
        return self >= (5, 7)

    @property
    def has_three_masters(self) -> bool:
        """Tell of clusters with three master nodes: 5.23.0 and later.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-ha.html
        """
        return self >= (5, 23)

    @property
    def has_root_volume_performance(self) -> bool:
        """Tell of IOPS and throughput of root volumes: 6.15.0 and later (`RunJobFlowInput.EbsRootVolumeIops`)."""
        return self >= (6, 15)


def check_label(label: str) -> Release:
    """Return the release that a request names: 4.0.0 or later, as older ones have AMI versions instead of labels.

    Raises:
        AwsError: `ValidationException`, where the label is none.
    """
    release = Release.parse(label)
    if release is None or release < (4,):
        raise validation(INVALID_LABEL.format(label=label))
    return release


def release_of(request: Mapping[str, Any]) -> Release:
    """Return the release of a RunJobFlow request.

    The newest AMI version stands for them all, as none has what the rules ask for.

    Raises:
        AwsError: `ValidationException`, where the label is none.
    """
    label = request.get("ReleaseLabel")
    return check_label(label) if label else Release(3, 11, 0)
