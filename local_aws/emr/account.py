"""An account's clusters in a Region, found by their ids, with the errors that AWS has for those it does not find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from local_aws.api import pages
from local_aws.api.errors import invalid_request, validation
from local_aws.emr.entities import Cluster, Json
from local_aws.emr.guesses import INVALID_MARKER, MEMORY
from local_aws.emr.machine import Machine
from local_aws.emr.world import World

SHUTTING_DOWN: Final = "A job flow that is shutting down, terminated, or finished may not be modified."
NOT_A_JOB_FLOW: Final = "Specified job flow ID not valid"
Request = Mapping[str, Json]
_T = TypeVar("_T")


@dataclass
class Account:
    """Clusters, security configurations, and what the next launches meet with."""

    world: World
    machines: dict[str, Machine] = field(default_factory=dict)
    security_configurations: dict[str, tuple[int, str]] = field(default_factory=dict)
    # How far lists are behind, in milliseconds.
    list_lag: int = 0
    # Reasons, with a code and a message, for which the next clusters are given up after they were accepted.
    launch_failures: list[tuple[str, str]] = field(default_factory=list)

    def machine(self, cluster_id: str) -> Machine:
        """Find a cluster for the operations that speak of clusters.

        Raises:
            AwsError: `InvalidRequestException`, where there is none.
        """
        if not self._knows(cluster_id):
            raise invalid_request(f"Cluster id '{cluster_id}' is not valid.")
        return self.machines[cluster_id]

    def job_flow(self, job_flow_id: str) -> Machine:
        """Find a cluster for the operations that speak of job flows.

        Raises:
            AwsError: `ValidationException`, where there is none.
        """
        if not self._knows(job_flow_id):
            raise validation(NOT_A_JOB_FLOW)
        return self.machines[job_flow_id]

    def clusters(self) -> list[Cluster]:
        """Return the clusters that AWS still knows of: those that have not ended, or did so within two months."""
        return [cluster for cluster in self.world.clusters.values() if self._knows(cluster.id)]

    def _knows(self, cluster_id: str) -> bool:
        """Tell of a cluster whether there is one, which is not forgotten.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-gs.html: metadata is kept for two months.
        """
        if cluster_id not in self.machines:
            return False
        ended_at = self.machines[cluster_id].cluster.status.ended_at
        return ended_at is None or self.world.now - ended_at < MEMORY

    def seen_at(self) -> int:
        """The instant that lists show."""
        return self.world.now - self.list_lag


def refuse_ending(cluster: Cluster, *, is_job_flow: bool = True) -> None:
    """See that a cluster may still be modified.

    Raises:
        AwsError: Where it shuts down, or has; `ValidationException` for a job flow, else `InvalidRequestException`.
    """
    if cluster.is_ending:
        raise validation(SHUTTING_DOWN) if is_job_flow else invalid_request(SHUTTING_DOWN)


def page(items: Sequence[_T], request: Request, size: int) -> tuple[list[_T], dict[str, str]]:
    """Cut a page out of a list by the request's marker; with it comes the answer's marker, where more is left.

    A marker holds for the filters that it was given for.

    Raises:
        AwsError: `InvalidRequestException`, where the marker is none of ours.
    """
    filters = {name: value for name, value in request.items() if name != "Marker"}
    marker = request.get("Marker")
    refusal = invalid_request(INVALID_MARKER.format(marker=marker))
    found, more = pages.page(items, size, filters, marker, refusal)
    return found, {"Marker": more} if more else {}
