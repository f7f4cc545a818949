"""A step from its request to its end: taken apart, prepared, run when there is memory for it, and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.emr.entities import Cluster, Step
from local_aws.emr.world import Outcome
from local_aws.running import failures, logs
from local_aws.running.configurations import properties
from local_aws.running.localizing import localize
from local_aws.running.spark_command import CannotRunError, parse
from local_aws.running.spark_work import Wanted, execute, prepared
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
            defaults = properties(self._configurations, "spark-defaults")
            container = self._container(work) if command.is_cluster_mode(defaults) else None
            wanted = Wanted(str(self.cluster.request["ReleaseLabel"]), self._configurations, command)
            ready = prepared(self.shop, wanted, work, folder=container)
            if container:
                localize(self.shop.s3, command.option("--files"), container / "scratch")
        except CannotRunError as fault:
            work.note(str(fault), "ERROR")
            if work.is_stopped.is_set():
                return Outcome(TERMINATED)
            return Outcome(1, failures.of_refusal(str(fault), self._log("controller.gz")))
        for note in ready.notes:
            work.note(note)
        code = execute(self.shop, ready, work, container)
        if container:
            self._tell_as_client(work, container, code)
        return self._judge(work, min(code, 1) if container else code)

    def _judge(self, work: Work, code: int) -> Outcome:
        if not code:
            return Outcome()
        work.note("what a Python program says at its end stands in stdout, where Spark writes it")
        return Outcome(code, failures.of_exit(work.folder, self._log("stderr.gz")))

    @property
    def _configurations(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.cluster.request.get("Configurations", [])
        return found

    def _container(self, work: Work) -> Path:
        # Below the cluster's folder, beside `steps`.
        return work.folder.parents[1] / self._container_place

    @property
    def _container_place(self) -> str:
        return logs.container_folder(self.cluster.status.created_at, self.application)

    def _tell_as_client(self, work: Work, container: Path, code: int) -> None:
        """Write what YARN's client would have written: the driver's own words are in its container's logs."""
        name = container.parent.name
        is_killed = work.is_stopped.is_set()
        end = "KILLED" if is_killed else "FAILED" if code else "SUCCEEDED"
        state = "KILLED" if is_killed else "FINISHED"
        lines = [f"INFO Client: Application report for {name} (state: {state})", f"\t final status: {end}"]
        if code:
            how = "is killed" if is_killed else "finished with failed status"
            lines.append(
                f'Exception in thread "main" org.apache.spark.SparkException: Application {name} {how}'
            )
        (work.folder / "stderr").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _log(self, name: str) -> str | None:
        root = logs.root(self.cluster)
        return root and f"{root}/{logs.step_folder(self.step)}/{name}"
