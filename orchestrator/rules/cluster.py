"""A request as the rules look at it: of the right types, with anything missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from orchestrator.config.limits import Limits
from orchestrator.findings import ValuePath
from orchestrator.rules import releases

Json = Mapping[str, Any]

# The newest AMI version stands for them all: none has what the rules ask for.
_AMI: Final = (3, 11, 0)
_FIRST: Final = (4,)
_ROLES: Final = {"MASTER": "primary", "CORE": "core", "TASK": "task"}
SPOT_SPECS: Final = (
    ("LaunchSpecifications", "SpotSpecification"),
    ("ResizeSpecifications", "SpotResizeSpecification"),
)
ON_DEMAND_SPECS: Final = (
    ("LaunchSpecifications", "OnDemandSpecification"),
    ("ResizeSpecifications", "OnDemandResizeSpecification"),
)


@dataclass(frozen=True)
class Placed:
    """A part of the request with its path."""

    given: Json
    path: ValuePath

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is given under a name."""
        return self.given.get(name, default)

    def items(self, name: str) -> "Sequence[Placed]":
        """Return the items of a list of structures."""
        listed = self.given.get(name) or ()
        return [Placed(each, (*self.path, name, index)) for index, each in enumerate(listed)]

    def part(self, *names: str) -> "Placed | None":
        """Return a structure within; None where it is not given."""
        found: Any = self.given
        for name in names:
            found = found.get(name)
            if found is None:
                return None
        return Placed(found, (*self.path, *names))


@dataclass(frozen=True)
class Fleet(Placed):
    """An instance fleet."""

    @property
    def role(self) -> str:
        """Return MASTER, CORE or TASK; nothing where none is given."""
        return str(self.get("InstanceFleetType", ""))

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"the {_ROLES.get(self.role, 'instance')} fleet"

    @property
    def types(self) -> Sequence[Placed]:
        """Return its instance types."""
        return self.items("InstanceTypeConfigs")

    @property
    def on_demand(self) -> int:
        """Return its On-Demand target."""
        return int(self.get("TargetOnDemandCapacity", 0))

    @property
    def spot(self) -> int:
        """Return its Spot target."""
        return int(self.get("TargetSpotCapacity", 0))

    @property
    def has_strategy(self) -> bool:
        """Tell whether it names an allocation strategy for its launch."""
        specs = (self.part(*SPOT_SPECS[0]), self.part(*ON_DEMAND_SPECS[0]))
        return any(spec is not None and spec.get("AllocationStrategy") for spec in specs)

    def specs(self) -> Iterator[Placed]:
        """Go through its specifications for launch and resize."""
        for names in (*SPOT_SPECS, *ON_DEMAND_SPECS):
            if (spec := self.part(*names)) is not None:
                yield spec


@dataclass(frozen=True)
class Cluster:
    """A request and our limits."""

    request: Json
    limits: Limits

    @property
    def root(self) -> Placed:
        """Return the whole request."""
        return Placed(self.request, ())

    @property
    def instances(self) -> Placed:
        """Return `Instances`, empty where it is not given."""
        return Placed(self.request.get("Instances") or {}, ("Instances",))

    @cached_property
    def fleets(self) -> Sequence[Fleet]:
        """Return the instance fleets."""
        return [Fleet(each.given, each.path) for each in self.instances.items("InstanceFleets")]

    @property
    def has_fleets(self) -> bool:
        """Tell whether it names fleets, if only an empty list of them."""
        return self.instances.get("InstanceFleets") is not None

    @cached_property
    def groups(self) -> Sequence[Placed]:
        """Return the instance groups."""
        return self.instances.items("InstanceGroups")

    @cached_property
    def steps(self) -> Sequence[Placed]:
        """Return the steps."""
        return self.root.items("Steps")

    @cached_property
    def release(self) -> releases.Release | None:
        """Return the release; None where the request names none, or not a label, which another rule tells."""
        label = self.request.get("ReleaseLabel")
        if not label:
            return _AMI if self.request.get("AmiVersion") else None
        found = releases.parse(label)
        return found if found is not None and found >= _FIRST else None

    @property
    def is_kept_alive(self) -> bool:
        """Tell whether it waits for more steps after its last one."""
        return bool(self.instances.get("KeepJobFlowAliveWhenNoSteps", False))

    @property
    def concurrency(self) -> int:
        """Return its step concurrency level."""
        return int(self.request.get("StepConcurrencyLevel", 1))

    def lacks(self, first: tuple[int, ...], without: tuple[int, ...] | None = None) -> bool:
        """Tell whether the release, if it is one, has not what came with the first one."""
        return self.release is not None and not releases.is_from(self.release, first, without)

    def applications(self) -> set[str]:
        """Return the names of its applications, in lower case."""
        return {str(each.get("Name", "")).lower() for each in self.root.items("Applications")}
