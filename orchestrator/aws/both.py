"""EMR and EMR Serverless behind one set of methods: ids and requests say which of them is meant."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from orchestrator.aws import serverless_words as words
from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Emr, Record
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.limiter import Limiter
from orchestrator.aws.serverless import Serverless


class EmrWithServerless(Emr):
    """The calls of one process to both; `say` is told where applications may not be listed."""

    def __init__(  # noqa: PLR0913 - what both edges are made of
        self,
        reading: Any,
        writing: Any,
        serverless: Serverless,
        clock: Clock,
        limiter: Limiter | None = None,
        draws: random.Random | None = None,
        *,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Make it of EMR's clients, as `Emr`, and of EMR Serverless."""
        super().__init__(reading, writing, clock, limiter, draws)
        self._serverless, self._say = serverless, say

    def run_job_flow(self, request: Record, until: float) -> str:
        """Launch a cluster, or create an application, and return its id."""
        if words.is_request(request):
            return self._serverless.create(request, until)
        return super().run_job_flow(request, until)

    def add_steps(self, cluster_id: str, steps: Sequence[Record], until: float) -> list[str]:
        """Add steps to a cluster, or start job runs, and return their ids."""
        if words.is_id(cluster_id):
            return [self._serverless.start(cluster_id, each, until) for each in steps]
        return super().add_steps(cluster_id, steps, until)

    def cancel_steps(self, cluster_id: str, step_ids: Sequence[str], until: float) -> list[Record]:
        """Ask for the end of steps or job runs; return what is answered for each."""
        if words.is_id(cluster_id):
            return self._serverless.cancel_steps(cluster_id, step_ids, until)
        return super().cancel_steps(cluster_id, step_ids, until)

    def terminate(self, cluster_ids: Sequence[str], until: float) -> None:
        """Ask for the end of clusters, and see applications to theirs."""
        clusters = [each for each in cluster_ids if not words.is_id(each)]
        if clusters:
            super().terminate(clusters, until)
        self._serverless.terminate([each for each in cluster_ids if words.is_id(each)], until)

    def lift_protection(self, cluster_id: str, until: float) -> None:
        """Let a cluster be terminated; applications are never protected."""
        if not words.is_id(cluster_id):
            super().lift_protection(cluster_id, until)

    def clusters(
        self, until: float, *, created_after: float | None = None, states: Sequence[str] = ()
    ) -> list[Record]:
        """List clusters and then applications; who may not list those is told so, and has the clusters."""
        found = super().clusters(until, created_after=created_after, states=states)
        try:
            return found + self._serverless.clusters(until, created_after=created_after, states=states)
        except RefusedCallError as refused:
            self._say(f"applications of EMR Serverless are left out: {refused}")
            return found

    def clusters_like(self, request: Record, until: float, *, created_after: float) -> list[Record]:
        """List those of the kind that a request makes."""
        if words.is_request(request):
            return self._serverless.clusters(until, created_after=created_after)
        return super().clusters(until, created_after=created_after)

    def cluster(self, cluster_id: str, until: float) -> Record:
        """Describe a cluster or an application."""
        if words.is_id(cluster_id):
            return self._serverless.cluster(cluster_id, until)
        return super().cluster(cluster_id, until)

    def steps(
        self, cluster_id: str, until: float, *, states: Sequence[str] = (), since: float | None = None
    ) -> list[Record]:
        """List steps or job runs, oldest first."""
        if words.is_id(cluster_id):
            return self._serverless.steps(cluster_id, until, states=states, since=since)
        return super().steps(cluster_id, until, states=states)

    def newest_steps(self, cluster_id: str, until: float) -> list[Record]:
        """List the newest steps or job runs, newest first."""
        if words.is_id(cluster_id):
            return self._serverless.newest_steps(cluster_id, until)
        return super().newest_steps(cluster_id, until)

    def step(self, cluster_id: str, step_id: str, until: float) -> Record:
        """Describe a step or a job run."""
        if words.is_id(cluster_id):
            return self._serverless.step(cluster_id, step_id, until)
        return super().step(cluster_id, step_id, until)

    def fleets(self, cluster_id: str, until: float) -> list[Record]:
        """List a cluster's instance fleets; an application has none."""
        return [] if words.is_id(cluster_id) else super().fleets(cluster_id, until)
