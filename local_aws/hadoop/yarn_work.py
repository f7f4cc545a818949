"""A step on YARN from its request to its end: spark-submit, or s3-dist-cp."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from local_aws.emr.entities import Cluster, Step
from local_aws.emr.world import Outcome
from local_aws.hadoop import dist_cp, sites
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.spark_on_yarn import YarnPlace, prepare_on_yarn
from local_aws.running import failures, logs
from local_aws.running.configurations import properties, site_xml
from local_aws.running.spark_command import COMMAND_RUNNER, CannotRunError, parse
from local_aws.running.spark_step import Place, Prepared
from local_aws.running.spark_work import execute, found
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop

_COPY_MIB: Final = 512
_KILL_PATIENCE_S: Final = 30.0
_LOOK_AGAIN_S: Final = 0.2
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
        work.logs_elsewhere = lambda: self._container_logs(applications(work.folder))
        code = execute(self.shop, prepared, work)
        if work.is_stopped.is_set():
            self._kill(work)
        elsewhere = self._container_logs(self._applications(work))
        work.logs_elsewhere = lambda: elsewhere
        if not code:
            return Outcome()
        return Outcome(code, failures.of_exit(work.folder, self._log("stderr.gz")))

    def _container_logs(self, wanted: Sequence[str]) -> dict[str, Path]:
        """Find the logs of applications' containers: folders, by where EMR has them below the cluster's logs."""
        folders = {}
        for root in self.hadoop.container_folders:
            for application in wanted:
                for folder in (root / application).glob("container_*"):
                    folders[f"containers/{application}/{folder.name}"] = folder
        return folders

    def _applications(self, work: Work) -> Sequence[str]:
        """Return the step's applications, those that YARN knows by their tag and those that the client speaks of."""
        found = set(applications(work.folder))
        with suppress(NotThereError):
            found.update(self.hadoop.rest.applications(self.step.id))
        return sorted(found)

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
        environment, jars = found(self.shop, release, self._configurations, work)
        work.note("waits for HDFS and YARN")
        self.hadoop.wait_until_ready(work.is_stopped)
        told = self.hadoop.client_sites()
        if copy:
            return self._copy(copy, {**told, "core_site": {**jars.hadoop, **told["core_site"]}}, work.folder)
        assert command is not None  # noqa: S101 - one of the two
        variables = self.shop.variables(work.folder / "scratch")
        place = Place(work.folder, variables, self.shop.endpoint, self.shop.memory.takeable)
        spark_site = sites.spark_site(self.hadoop.ports, properties(self._configurations, "yarn-site"))
        sizes, nodes = self.hadoop.sizes, self.hadoop.live_nodes
        where = YarnPlace(place, told, spark_site, sizes.driver_mib, sizes.executor_mib(nodes), self.step.id)
        return prepare_on_yarn(command, self._configurations, environment, jars, where)

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

    def _kill(self, work: Work) -> None:
        """End what the step has on YARN, and wait for that: in cluster mode it would outlive its client."""
        deadline, rest = monotonic() + _KILL_PATIENCE_S, self.hadoop.rest
        try:
            while left := [one for one in self._applications(work) if not rest.has_ended(one)]:
                if monotonic() > deadline:
                    work.note(f"YARN: {', '.join(left)} should have ended, goes on", "WARN")
                    return
                for application in left:
                    rest.kill(application)
                sleep(_LOOK_AGAIN_S)
        except NotThereError as fault:
            work.note(f"YARN: {fault}", "WARN")

    def _log(self, name: str) -> str | None:
        root = logs.root(self.cluster)
        return root and f"{root}/{logs.step_folder(self.step)}/{name}"
