"""Amazon EMR as the orchestrator uses it: whole lists instead of pages, our errors instead of boto3's."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from orchestrator.aws.clock import Clock
from orchestrator.aws.faults import RefusedCallError, unanswered
from orchestrator.aws.limiter import Limiter
from orchestrator.aws.retrying import Retrying

# https://docs.aws.amazon.com/emr/latest/APIReference/API_TerminateJobFlows.html
MOST_IDS: Final = 10
# https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html
MOST_STEPS: Final = 256
Record = Mapping[str, Any]
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-gs.html
_FORGOTTEN: Final = "EMR does not know it any more: two months after its end it is forgotten"


class Emr:
    """The calls of one process; every one ends at an instant (`until`, seconds of the Unix epoch).

    `reading` and `writing` are boto3 clients, or one in a simulation: that for writes must not retry by itself,
    as a second RunJobFlow makes a second cluster.
    """

    def __init__(
        self,
        reading: Any,
        writing: Any,
        clock: Clock,
        limiter: Limiter | None = None,
        draws: random.Random | None = None,
    ) -> None:
        """Make it; `draws` are where waits between attempts come from."""
        self._reading, self._writing = reading, writing
        draws = draws or random.Random()  # noqa: S311 - waits, not secrets
        self._retrying = Retrying("EMR", clock, draws, limiter or Limiter(clock))

    def run_job_flow(self, request: Record, until: float) -> str:
        """Launch a cluster and return its id.

        Raises:
            RefusedCallError: AWS refuses the request.
            UnknownOutcomeError: There may be a cluster now.
            TimedOutError: There is none, for AWS was throttling.
        """
        answer = self._retrying.write("RunJobFlow", lambda: self._writing.run_job_flow(**request), until)
        if not answer.get("JobFlowId"):
            raise unanswered("EMR", "RunJobFlow", "JobFlowId")
        return str(answer["JobFlowId"])

    def add_steps(self, cluster_id: str, steps: Sequence[Record], until: float) -> list[str]:
        """Add steps to a cluster, all or none, and return their ids.

        Raises:
            RefusedCallError: AWS refuses them.
            UnknownOutcomeError: They may be there now.
            TimedOutError: They are not there, for AWS was throttling.
        """
        answer = self._retrying.write(
            "AddJobFlowSteps",
            lambda: self._writing.add_job_flow_steps(JobFlowId=cluster_id, Steps=list(steps)),
            until,
        )
        if len(answer.get("StepIds", ())) != len(steps):
            raise unanswered("EMR", "AddJobFlowSteps", "StepIds")
        return [str(each) for each in answer["StepIds"]]

    def cancel_steps(self, cluster_id: str, step_ids: Sequence[str], until: float) -> list[Record]:
        """Ask for the end of steps, which comes later or not at all; return what EMR answers for each."""
        told: list[Record] = []
        for begin in range(0, len(step_ids), MOST_STEPS):
            batch = list(step_ids[begin : begin + MOST_STEPS])
            answer = self._retrying.read(
                "CancelSteps",
                lambda batch=batch: self._reading.cancel_steps(  # type: ignore[misc] # mypy takes no default in a lambda
                    ClusterId=cluster_id, StepIds=batch, StepCancellationOption="SEND_INTERRUPT"
                ),
                until,
            )
            told += answer.get("CancelStepsInfoList", [])
        return told

    def terminate(self, cluster_ids: Sequence[str], until: float) -> None:
        """Ask for the end of clusters, which comes minutes later.

        Raises:
            RefusedCallError: One of them is protected; the others of its ten end all the same.
        """
        for begin in range(0, len(cluster_ids), MOST_IDS):
            batch = list(cluster_ids[begin : begin + MOST_IDS])
            self._retrying.read(
                "TerminateJobFlows",
                lambda batch=batch: self._reading.terminate_job_flows(JobFlowIds=batch),  # type: ignore[misc] # no default in a lambda
                until,
            )

    def lift_protection(self, cluster_id: str, until: float) -> None:
        """Let a cluster be terminated."""
        self._retrying.read(
            "SetTerminationProtection",
            lambda: self._reading.set_termination_protection(
                JobFlowIds=[cluster_id], TerminationProtected=False
            ),
            until,
        )

    def clusters(
        self, until: float, *, created_after: float | None = None, states: Sequence[str] = ()
    ) -> list[Record]:
        """List clusters (`ClusterSummary`), all pages, oldest first; those that have ended too unless `states` says so.

        What changes its state meanwhile may be missed or come twice, AWS says; twice is mended here.
        """
        asked: dict[str, Any] = {"ClusterStates": list(states)} if states else {}
        if created_after is not None:
            asked["CreatedAfter"] = datetime.fromtimestamp(created_after, UTC)
        found = {each["Id"]: each for each in self._pages("ListClusters", "Clusters", asked, until)}
        return sorted(found.values(), key=lambda each: (created_at(each), each["Id"]))

    def clusters_like(self, request: Record, until: float, *, created_after: float) -> list[Record]:
        """List clusters of the kind that a request makes."""
        del request  # here there is one kind
        return self.clusters(until, created_after=created_after)

    def cluster(self, cluster_id: str, until: float) -> Record:
        """Describe a cluster (`Cluster`)."""
        answer = self._retrying.read(
            "DescribeCluster", lambda: self._reading.describe_cluster(ClusterId=cluster_id), until
        )
        found: Record = answer["Cluster"]
        return found

    def status(self, cluster_id: str, until: float) -> Record:
        """Return the state of a cluster (`ClusterStatus`); one that EMR has forgotten, two months on, has ended."""
        try:
            found: Record = self.cluster(cluster_id, until)["Status"]
        except RefusedCallError as refused:
            if not is_forgotten(refused):
                raise
            return {"State": "TERMINATED", "StateChangeReason": {"Code": "FORGOTTEN", "Message": _FORGOTTEN}}
        return found

    def step_state(self, cluster_id: str, step_id: str, until: float) -> str:
        """Return the state of a step; one that EMR has forgotten, or shows no more, is over (INTERRUPTED)."""
        try:
            return str(self.step(cluster_id, step_id, until)["Status"]["State"])
        except RefusedCallError as refused:
            if not is_forgotten(refused):
                raise
            return "INTERRUPTED"

    def steps(
        self, cluster_id: str, until: float, *, states: Sequence[str] = (), since: float | None = None
    ) -> list[Record]:
        """List a cluster's steps (`StepSummary`), all pages, oldest first; EMR shows the newest 1,000.

        Of a cluster that it has forgotten there are none. ListSteps takes no instant: `since` is for job runs.
        """
        del since
        asked = {"ClusterId": cluster_id, **({"StepStates": list(states)} if states else {})}
        try:
            found = {each["Id"]: each for each in self._pages("ListSteps", "Steps", asked, until)}
        except RefusedCallError as refused:
            if not is_forgotten(refused):
                raise
            return []
        return list(reversed(found.values()))

    def newest_steps(self, cluster_id: str, until: float) -> list[Record]:
        """List a cluster's newest steps, up to 50 in one call, newest first."""
        answer = self._retrying.read(
            "ListSteps", lambda: self._reading.list_steps(ClusterId=cluster_id), until
        )
        return list(answer.get("Steps", []))

    def step(self, cluster_id: str, step_id: str, until: float) -> Record:
        """Describe a step (`Step`), for one that lists do not show (any more)."""
        answer = self._retrying.read(
            "DescribeStep", lambda: self._reading.describe_step(ClusterId=cluster_id, StepId=step_id), until
        )
        found: Record = answer["Step"]
        return found

    def fleets(self, cluster_id: str, until: float) -> list[Record]:
        """List a cluster's instance fleets (`InstanceFleet`)."""
        return list(self._pages("ListInstanceFleets", "InstanceFleets", {"ClusterId": cluster_id}, until))

    def _pages(self, operation: str, member: str, asked: Record, until: float) -> Iterator[Record]:
        method = getattr(self._reading, _METHODS[operation])
        marker: dict[str, str] = {}
        while True:
            answer = self._retrying.read(
                operation,
                lambda marker=marker: method(**asked, **marker),  # type: ignore[misc] # no default in a lambda
                until,
            )
            yield from answer.get(member, [])
            if not answer.get("Marker"):
                return
            marker = {"Marker": answer["Marker"]}


_METHODS: Final = {
    "ListClusters": "list_clusters",
    "ListInstanceFleets": "list_instance_fleets",
    "ListSteps": "list_steps",
}


def is_forgotten(refused: RefusedCallError) -> bool:
    """Tell a cluster or a step that EMR does not know (any more) from what it refuses otherwise."""
    if refused.code == "ResourceNotFoundException":  # of EMR Serverless
        return True
    return refused.code == "InvalidRequestException" and "is not valid" in refused.aws_message


def created_at(cluster: Record) -> float:
    """Return when a cluster was created, in seconds of the Unix epoch, from its summary or description."""
    return seconds(cluster["Status"].get("Timeline", {}).get("CreationDateTime"))


def seconds(instant: Any) -> float:
    """Return an instant as AWS answers it in seconds of the Unix epoch; 0 where there is none."""
    return instant.timestamp() if isinstance(instant, datetime) else float(instant or 0)
