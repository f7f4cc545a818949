"""Operations on managed scaling and auto-termination."""

from local_aws.api.errors import validation
from local_aws.emr.account import Account, Request, refuse_ending
from local_aws.emr.entities import CORE, Json
from local_aws.emr.guesses import AUTO_TERMINATION_RELEASE, MANAGED_SCALING_RELEASE
from local_aws.emr.machine import Machine
from local_aws.emr.rules.policies import DEFAULT_IDLE_TIMEOUT, check_auto_termination, check_managed_scaling


def _modifiable(account: Account, request: Request) -> Machine:
    machine = account.machine(request["ClusterId"])
    refuse_ending(machine.cluster)
    return machine


def put_managed_scaling_policy(account: Account, request: Request) -> dict[str, Json]:
    """Let the size of a cluster follow its load."""
    machine = _modifiable(account, request)
    cluster = machine.cluster
    if not cluster.release.has_managed_scaling:
        raise validation(MANAGED_SCALING_RELEASE)
    core = cluster.collection(CORE)
    is_spot = core is not None and core.on_demand_target == 0
    check_managed_scaling(
        request["ManagedScalingPolicy"],
        cluster.has_fleets,
        is_core_on_demand=not cluster.has_fleets and not is_spot,
    )
    cluster.scaling = request["ManagedScalingPolicy"]
    machine.scaler.look_soon()
    return {}


def get_managed_scaling_policy(account: Account, request: Request) -> dict[str, Json]:
    """Return the policy, where there is one."""
    policy = _modifiable(account, request).cluster.scaling
    return {} if policy is None else {"ManagedScalingPolicy": policy}


def remove_managed_scaling_policy(account: Account, request: Request) -> dict[str, Json]:
    """Let a cluster keep its size."""
    _modifiable(account, request).cluster.scaling = None
    return {}


def put_auto_termination_policy(account: Account, request: Request) -> dict[str, Json]:
    """End a cluster once it has been idle for some time."""
    machine, policy = _modifiable(account, request), request.get("AutoTerminationPolicy", {})
    if not machine.cluster.release.has_auto_termination:
        raise validation(AUTO_TERMINATION_RELEASE)
    check_auto_termination(policy)
    machine.cluster.idle_timeout = policy.get("IdleTimeout", DEFAULT_IDLE_TIMEOUT)
    machine.watch_idleness()
    return {}


def get_auto_termination_policy(account: Account, request: Request) -> dict[str, Json]:
    """Return the policy, where there is one."""
    timeout = account.machine(request["ClusterId"]).cluster.idle_timeout
    return {} if timeout is None else {"AutoTerminationPolicy": {"IdleTimeout": timeout}}


def remove_auto_termination_policy(account: Account, request: Request) -> dict[str, Json]:
    """Let a cluster live on however idle it is."""
    _modifiable(account, request).cluster.idle_timeout = None
    return {}
