"""How much of the machine's memory the daemons and the containers of a cluster get."""

from dataclasses import dataclass
from typing import ClassVar, Final

# What a node gives to containers: two of Spark's smallest usual ones, 1 GiB with 384 MiB beside it; or at least of the
# smallest that it starts with.
_CONTAINERS_MIB: Final = 3072
_LEAST_CONTAINERS_MIB: Final = 2 * (512 + 384)


@dataclass(frozen=True)
class Sizes:
    """In MiB: of the primary's daemons, which hold a DataNode's too, of a node, and of the containers on it."""

    primary_mib: int
    node_manager_mib: int
    containers_mib: int

    # Heaps; resident, a daemon of 256 has about 210, the ResourceManager about 280.
    DAEMON_HEAP: ClassVar[int] = 256
    RESOURCE_MANAGER_HEAP: ClassVar[int] = 384
    # What is left free for the client of a step, which in client mode is its driver.
    CLIENT: ClassVar[int] = 1024 + 384

    @property
    def a_node_mib(self) -> int:
        """What a node needs with its containers."""
        return self.node_manager_mib + self.containers_mib

    @property
    def driver_mib(self) -> int:
        """The most that a driver may have: beside it there is room for an executor, be there one node alone."""
        return self.containers_mib // 2

    def executor_mib(self, nodes: int) -> int:
        """Return the most that an executor may have on so many nodes."""
        return self.containers_mib if nodes > 1 else self.containers_mib // 2

    @classmethod
    def of(cls, machine_mib: int) -> "Sizes":
        """Share out what steps may have of a machine: on a small one a node gives less to containers."""
        primary, manager = 768, 224
        left = machine_mib - primary - manager - cls.CLIENT
        return cls(primary, manager, max(_LEAST_CONTAINERS_MIB, min(_CONTAINERS_MIB, left)))
