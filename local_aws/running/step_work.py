"""A step from its request to its end: taken apart, prepared, run when there is memory for it, and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.emr.entities import Cluster, Step
from local_aws.emr.world import Outcome
from local_aws.running import environments, failures, logs
from local_aws.running.configurations import uses_delta
from local_aws.running.spark_command import CannotRunError, SparkCommand, parse
from local_aws.running.spark_step import Place, Prepared, prepare
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop


@dataclass(frozen=True)
class StepWork:
    """A step of a cluster; `application` counts those that the cluster has begun."""

    shop: Workshop
    cluster: Cluster
    step: Step
    application: int

    def run(self, work: Work) -> Outcome:
        """Run it to its end."""
        jar = self.step.config["HadoopJarStep"]
        try:
            command = parse(jar["Jar"], jar.get("Args", []))
            container = self._container(work) if command.is_cluster_mode else None
            prepared = self._prepare(command, container or work.folder)
        except CannotRunError as fault:
            work.note(str(fault), "ERROR")
            return Outcome(1, failures.of_refusal(str(fault), self._log("controller.gz")))
        for note in prepared.notes:
            work.note(note)
        code = self._execute(prepared, container, work)
        if container:
            self._tell_as_client(work, container, code)
        return Outcome(code, failures.of_exit(work.folder, self._log("stderr.gz")) if code else None)

    def _prepare(self, command: SparkCommand, folder: Path) -> Prepared:
        configurations: Sequence[Mapping[str, Any]] = self.cluster.request.get("Configurations", [])
        variables = self.shop.variables
        environment = environments.find(str(self.cluster.request["ReleaseLabel"]), self.shop.checkout)
        jars = environments.jars(
            environment,
            with_delta=uses_delta(configurations),
            variables={**variables, **environment.variables},
            root=self.shop.checkout,
        )
        place = Place(folder, variables, self.shop.endpoint, self.shop.memory.mib)
        return prepare(command, configurations, environment, jars, place)

    def _execute(self, prepared: Prepared, container: Path | None, work: Work) -> int:
        memory = self.shop.memory
        if not memory.take(prepared.memory_mib, work.is_stopped):
            work.note("stopped while it waited for memory", "WARN")
            return TERMINATED
        try:
            return work.execute(prepared.command, prepared.variables, container)
        finally:
            memory.give_back(prepared.memory_mib)

    def _container(self, work: Work) -> Path:
        # Below the cluster's folder, beside `steps`.
        return work.folder.parents[1] / self._container_place

    @property
    def _container_place(self) -> str:
        return logs.container_folder(self.cluster.status.created_at, self.application)

    def _tell_as_client(self, work: Work, container: Path, code: int) -> None:
        """Write what YARN's client would have written: the driver's own words are in its container's logs."""
        name = container.parent.name
        state = "FAILED" if code else "SUCCEEDED"
        lines = [
            f"INFO Client: Application report for {name} (state: FINISHED)",
            f"\t final status: {state}",
        ]
        if code:
            lines.append(
                f'Exception in thread "main" org.apache.spark.SparkException: Application {name} finished with failed '
                "status"
            )
        (work.folder / "stderr").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _log(self, name: str) -> str | None:
        root = logs.root(self.cluster)
        return root and f"{root}/{logs.step_folder(self.step)}/{name}"
