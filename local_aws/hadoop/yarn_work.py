"""A step on YARN from its request to its end: spark-submit, or s3-dist-cp."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.emr.entities import Cluster, Step
from local_aws.emr.world import Outcome
from local_aws.hadoop import dist_cp, sites
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.spark_on_yarn import YarnPlace, prepare_on_yarn
from local_aws.running import environments, failures, logs
from local_aws.running.configurations import properties, site_xml, uses_delta
from local_aws.running.environments import SparkEnvironment
from local_aws.running.spark_command import COMMAND_RUNNER, CannotRunError, parse
from local_aws.running.spark_step import Place, Prepared
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop

_COPY_MIB: Final = 512
_APPLICATION: Final = re.compile(r"\bapplication_\d+_\d{4,}\b")


def applications(folder: Path) -> list[str]:
    """Return the applications that a step's client has spoken of in the step's folder."""
    path = folder / "stderr"
    told = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return sorted(set(_APPLICATION.findall(told)))


@dataclass(frozen=True)
class YarnWork:
    """A step of a cluster with HDFS and YARN."""

    shop: Workshop
    hadoop: HadoopCluster
    cluster: Cluster
    step: Step

    def run(self, work: Work) -> Outcome:
        """Run it to its end."""
        try:
            prepared = self._prepare(work)
        except CannotRunError as fault:
            work.note(str(fault), "ERROR")
            if work.is_stopped.is_set():
                return Outcome(TERMINATED)
            return Outcome(1, failures.of_refusal(str(fault), self._log("controller.gz")))
        for note in prepared.notes:
            work.note(note)
        code = self._execute(prepared, work)
        if work.is_stopped.is_set():
            self._kill(work)
        work.logs_elsewhere = self._container_logs(work)
        if not code:
            return Outcome()
        return Outcome(code, failures.of_exit(work.folder, self._log("stderr.gz")))

    def _container_logs(self, work: Work) -> dict[str, Path]:
        """Find the logs of the step's containers: folders, by where EMR has them below the cluster's logs."""
        found = {}
        for root in self.hadoop.container_folders:
            for application in applications(work.folder):
                for folder in (root / application).glob("container_*"):
                    found[f"containers/{application}/{folder.name}"] = folder
        return found

    @property
    def _configurations(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.cluster.request.get("Configurations", [])
        return found

    def _prepare(self, work: Work) -> Prepared:
        jar = self.step.config["HadoopJarStep"]
        arguments = jar.get("Args", [])
        is_copy = jar["Jar"].rpartition("/")[2] == COMMAND_RUNNER and arguments[:1] == [dist_cp.PROGRAM]
        # What cannot be run is told before anybody waits.
        copy = dist_cp.parse(arguments[1:]) if is_copy else None
        command = None if is_copy else parse(jar["Jar"], arguments)
        release = str(self.cluster.request["ReleaseLabel"])
        environment = environments.find(release, self.shop.checkout)
        jars = self._jars(environment, release, work.is_stopped)
        work.note("waits for HDFS and YARN")
        self.hadoop.wait_until_ready(work.is_stopped)
        told = self.hadoop.client_sites()
        if copy:
            return self._copy(copy, {**told, "core_site": {**jars.hadoop, **told["core_site"]}}, work.folder)
        assert command is not None  # noqa: S101 - one of the two
        variables = self.shop.variables(work.folder / "scratch")
        place = Place(work.folder, variables, self.shop.endpoint, self.shop.memory.mib)
        spark_site = sites.spark_site(self.hadoop.ports, properties(self._configurations, "yarn-site"))
        where = YarnPlace(place, told, spark_site, self.hadoop.sizes.containers_mib)
        return prepare_on_yarn(command, self._configurations, environment, jars, where)

    def _jars(
        self, environment: SparkEnvironment, release: str, is_stopped: threading.Event
    ) -> environments.Jars:
        wanted = (release, uses_delta(self._configurations))
        if wanted not in self.shop.jars:
            self.shop.jars[wanted] = environments.jars(
                environment,
                with_delta=wanted[1],
                variables=self.shop.own_variables,
                root=self.shop.checkout,
                is_stopped=is_stopped,
            )
        return self.shop.jars[wanted]

    def _copy(self, copy: dist_cp.DistCp, told: Mapping[str, sites.Site], folder: Path) -> Prepared:
        conf = folder / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        core = {**told["core_site"], "fs.s3a.endpoint": self.shop.endpoint}
        for name, site in {**told, "core_site": core}.items():
            (conf / f"{name.replace('_', '-')}.xml").write_bytes(site_xml(site))
        java = self.hadoop.java
        command = java.command(conf, _COPY_MIB, *copy.words(conf / "filters"))
        variables = {**self.shop.variables(folder / "scratch"), "HADOOP_USER_NAME": sites.USER}
        note = f"{dist_cp.PROGRAM}: runs as Hadoop's DistCp, in one process"
        return Prepared(command, variables, _COPY_MIB + 128, [note])

    def _execute(self, prepared: Prepared, work: Work) -> int:
        memory = self.shop.memory
        if not memory.take(prepared.memory_mib, work.is_stopped):
            work.note("stopped while it waited for memory", "WARN")
            return TERMINATED
        try:
            return work.execute(prepared.command, prepared.variables)
        finally:
            memory.give_back(prepared.memory_mib)

    def _kill(self, work: Work) -> None:
        """End what the step has on YARN: in cluster mode it would outlive its client."""
        for application in applications(work.folder):
            try:
                self.hadoop.rest.kill(application)
            except NotThereError as fault:
                work.note(f"YARN: {fault}", "WARN")

    def _log(self, name: str) -> str | None:
        root = logs.root(self.cluster)
        return root and f"{root}/{logs.step_folder(self.step)}/{name}"
