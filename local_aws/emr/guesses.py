"""What AWS says in these cases is not known: the rules are documented, the words are ours.

Each text was looked for in public issues, logs and code, and not found. Whoever sees what AWS really answers corrects
it here, and nowhere else. Names in braces are filled in by the rule.
"""

from collections.abc import Collection
from typing import Final

# Clusters.
CLUSTER_NAME: Final = "Invalid cluster name"
COUNTS_INCOMPLETE: Final = (
    "Instance count and master instance type must be specified together, and slave instance type with an instance"
    " count greater than 1. Revise the configuration and resubmit."
)
SUBNET_ID_AND_IDS: Final = "Specify at most one of ec2SubnetId or ec2SubnetIds."
SECURITY_GROUPS_APART: Final = (
    "EmrManagedMasterSecurityGroup and EmrManagedSlaveSecurityGroup must be specified together."
)
CUSTOM_AMI_TWICE: Final = (
    "Specify a custom AMI either for the cluster or for its instance types, but not both."
)
BOOTSTRAP_ACTIONS: Final = "A maximum of 16 bootstrap actions are allowed for a cluster."
ROOT_VOLUME_SIZE: Final = "The EBS root volume size must be between 10 and 100 GiB."
ROOT_VOLUME_SIZE_RELEASE: Final = "EBS root volume size is not available for the release."
ROOT_VOLUME_PERFORMANCE_RELEASE: Final = (
    "EBS root volume IOPS and throughput are not available for the release."
)
CONCURRENCY_RELEASE: Final = "Step concurrency level is not available for the release."
AUTO_TERMINATION_RELEASE: Final = "Auto-termination is not available for the release."
# Only its first five words are known.
MANAGED_SCALING_RELEASE: Final = "Managed scaling is not available for the release."
TASK_GROUPS: Final = "A maximum of 48 task instance groups are allowed for a cluster."

# Fleets.
FLEET_WITHOUT_TYPES: Final = "The instance fleet: {name} must have at least one instance type."
FLEET_TYPES: Final = (
    "The instance fleet: {name} contains more than {most} instance types. Revise the"
    " configuration and resubmit."
)
FLEET_SIZE: Final = (
    "The instance fleet: {name} contains more than {most} instances. Revise the configuration and resubmit."
)
GROUP_SIZE: Final = "A maximum of 2000 instances are allowed for an instance group."
SPOT_TIMEOUT: Final = (
    "The timeoutDurationMinutes of the instance fleet: {name} must be between 5 and 1440 minutes."
)
RESIZE_TIMEOUT: Final = (
    "The resize timeoutDurationMinutes of the instance fleet: {name} must be between 5 and 10080 minutes."
)
BLOCK_DURATION: Final = "Spot Instances with a defined duration are no longer available."
STRATEGY_RELEASE: Final = "Allocation strategies for instance fleets are not available for the release."
STRATEGY_PRIORITY: Final = (
    "The allocation strategy {strategy} of the instance fleet: {name} needs a priority for at least one"
    " instance type."
)
RESERVATION_STRATEGY: Final = (
    "Capacity reservation options of the instance fleet: {name} need the allocation strategy lowest-price."
)

# EBS volumes.
VOLUME_TYPE: Final = "The volume type {type} is not supported."
VOLUME_SIZE: Final = "The volume size must be between {least} and 1024 GiB."
VOLUME_THROUGHPUT: Final = "The throughput must be between 125 and 1000 MiB/s."
VOLUME_THROUGHPUT_TYPE: Final = "Throughput setting is not supported for volume type"
VOLUMES_TOO_MANY: Final = "A maximum of 25 volumes are allowed for an instance."
VOLUMES_PER_INSTANCE: Final = "The number of volumes per instance must be at least 1."

# Steps.
NO_STEPS: Final = "The steps list cannot be empty."
STEP_CHARACTERS: Final = (
    "The string values passed into HadoopJarStep cannot exceed a total of 10240 characters."
)
# Which action on failure a step has that names none.
DEFAULT_ACTION_ON_FAILURE: Final = "TERMINATE_CLUSTER"
# Which actions on failure RunJobFlow refuses with a step concurrency level above 1: AWS speaks of AddJobFlowSteps only.
ACTIONS_REFUSED_AT_LAUNCH: Final[Collection[str]] = ("CANCEL_AND_WAIT",)

# Policies and tags. The first words of the texts on managed scaling are known.
SCALING_WITHOUT_LIMITS: Final = "Invalid configuration for managed scaling. Compute limits must be specified"
SCALING_UNITS_OF_FLEETS: Final = (
    "Invalid configuration for managed scaling. The unit type of a cluster with instance fleets must be"
    " InstanceFleetUnits"
)
SCALING_UNITS_OF_GROUPS: Final = (
    "Invalid configuration for managed scaling. The unit type of a cluster with instance groups must be Instances or"
    " VCPU"
)
SCALING_MINIMUM: Final = "Invalid configuration for managed scaling. The min capacity cannot be lower than 1"
SCALING_MINIMUM_ABOVE_MAXIMUM: Final = (
    "Invalid configuration for managed scaling. The min capacity cannot be higher than max capacity"
)
SCALING_ON_DEMAND_ABOVE_MAXIMUM: Final = (
    "Invalid configuration for managed scaling. The max On-Demand capacity cannot be higher than max capacity"
)
SCALING_NEGATIVE: Final = "Invalid configuration for managed scaling. Capacity limits cannot be negative"
SCALING_INDEX: Final = (
    "Invalid configuration for managed scaling. The utilization performance index must be 1, 25, 50,"
    " 75 or 100"
)
SCALING_INDEX_STRATEGY: Final = (
    "Invalid configuration for managed scaling. A utilization performance index needs the scaling"
    " strategy ADVANCED"
)
IDLE_TIMEOUT: Final = "The idle timeout must be between 60 and 604800 seconds."
TAGS_TOO_MANY: Final = "A maximum of 50 tags are allowed for a cluster."
TAG_RESERVED: Final = "Invalid tag: '{text}'. The prefix aws: is reserved."

# The name of a task group that managed scaling makes; that it has the type of core nodes is a guess too.
SCALED_TASK_GROUP: Final = "Managed scaling task group"

# Lives of clusters, fleets and steps.
FLEET_TIMEOUT: Final = "Instance fleet provisioning timed out"
SPOT_INTERRUPTION: Final = "Instance was terminated. Spot instance interruption"
IDLE_TERMINATION_CODE: Final = "USER_REQUEST"
IDLE_TERMINATION_MESSAGE: Final = "Cluster auto-terminated after being idle"
WAITING_AFTER_CANCEL: Final = "Cluster ready after last step cancelled."
# With which reasons for a cluster's end a step that runs is INTERRUPTED; with others it is CANCELLED.
INTERRUPTING_CODES: Final[Collection[str]] = ("INSTANCE_FAILURE", "INTERNAL_ERROR")
# How long a cluster that has ended is known, in milliseconds: AWS says two months, and neither how many days those are
# nor what DescribeCluster then answers (here, what it answers of a cluster that never was).
MEMORY: Final = 60 * 24 * 3_600_000
# So many bootstrap failures in a row are too many, if they are also as many as a share of the fleet's other instances.
FEWEST_BOOTSTRAP_FAILURES: Final = 2
SHARE_OF_BOOTSTRAP_FAILURES: Final = 0.25
CANNOT_CANCEL_STEP: Final = "Cannot cancel step in state {state}"

# Operations.
INVALID_MARKER: Final = "Marker '{marker}' is not valid."
TOO_MANY_JOB_FLOWS: Final = "A maximum of 10 job flows can be terminated at once."
CANCEL_RELEASE: Final = "Cancelling steps is not available for the release."
TOO_MANY_CANCELLED: Final = "A maximum of 256 steps can be cancelled at once."
TOO_MANY_STEP_IDS: Final = "A maximum of 10 step IDs can be specified."
# The member ErrorCode, by the one that is known: API_DOES_NOT_SUPPORT_INSTANCE_FLEET_CLUSTERS.
NOT_FOR_GROUPS: Final = "API_DOES_NOT_SUPPORT_INSTANCE_GROUP_CLUSTERS"
INVALID_FLEET_ID: Final = "Instance fleet id '{id}' is not valid."
MASTER_FLEET_IS_FIXED: Final = "The master instance fleet may not be modified."
BAD_SECURITY_CONFIGURATION: Final = "Security configuration is no valid JSON: {fault}"
