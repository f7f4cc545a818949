"""What a step's application does on YARN, as its daemons and Spark's event log tell it."""

import json
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, TypeVar

from local_aws.emr.entities import Instance
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.hadoop.rest import NotThereError
from local_aws.hadoop.sites import EVENT_LOG, PRIMARY
from local_aws.hadoop.yarn_work import applications

_MAP: Final = "ShuffleMapTask"
_TIMEOUT_S: Final = 240.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class Watch:
    """A step's one application."""

    hadoop: HadoopCluster
    folder: Path

    @cached_property
    def application(self) -> str:
        """Its id, once it is there."""
        return _until(lambda: next(iter(applications(self.folder)), None))

    def master(self) -> Instance:
        """Return the instance that its application master runs on, once Spark logs what it does."""

        def look() -> Instance | None:
            is_begun = any(event["Event"] == "SparkListenerJobStart" for event in self.events(".inprogress"))
            masters = self.hadoop.rest.masters(self.application)
            return self.hadoop.node_of(masters[-1]) if is_begun and masters else None

        return _until(look)

    def until_it_takes_no_containers(self, instance: Instance) -> None:
        """Wait until YARN lets no container begin on an instance."""
        (host,) = [node.address for node in self.hadoop.nodes if node.instance is instance]
        until(lambda: host not in self.hadoop.rest.running_nodes())
        assert host in self.hadoop.rest.live_nodes()

    def attempts(self) -> int:
        """Count the times that it was tried."""
        return len(self.hadoop.rest.masters(self.application))

    def hosts_of_read_shuffles(self, *, but_not: Instance) -> list[Instance]:
        """Return the instances with shuffle files of a stage that has ended, once a later one reads them."""

        def look() -> list[Instance] | None:
            hosts: set[str] = set()
            has_ended = False
            for event in self.events(".inprogress"):
                if event["Event"] == "SparkListenerTaskEnd" and event["Task Type"] == _MAP:
                    hosts.add(event["Task Info"]["Host"])
                has_ended = has_ended or (event["Event"] == "SparkListenerStageCompleted" and bool(hosts))
                if event["Event"] == "SparkListenerJobStart" and has_ended:
                    found = [self.hadoop.node_of(host) for host in sorted(hosts)]
                    return [one for one in found if one is not None and one is not but_not]
            return None

        return _until(look)

    def recomputed(self) -> int:
        """Count the map tasks that were done again although they had been done.

        A stage that is done again for a later job has a new number, but the data (RDD) that it had.
        """
        events = self.events()
        infos = [event["Stage Info"] for event in events if event["Event"] == "SparkListenerStageSubmitted"]
        data = {info["Stage ID"]: max(one["RDD ID"] for one in info["RDD Info"]) for info in infos}
        done = Counter(
            (data[event["Stage ID"]], event["Task Info"]["Partition ID"])
            for event in events
            if event["Event"] == "SparkListenerTaskEnd"
            and event["Task Type"] == _MAP
            and event["Task End Reason"]["Reason"] == "Success"
        )
        return sum(count - 1 for count in done.values())

    def events(self, end: str = "") -> list[dict[str, Any]]:
        """Read Spark's event log, as far as it is written."""
        path = f"/webhdfs/v1{EVENT_LOG}/{self.application}_1{end}?op=OPEN&user.name=hadoop"
        url = f"http://{PRIMARY}:{self.hadoop.ports.name_node_http}{path}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            lines = answer.read().decode().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]


def blocks(hadoop: HadoopCluster, instance: Instance) -> int:
    """Count the blocks that HDFS has on an instance."""
    query = "jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    with urllib.request.urlopen(
        f"http://{PRIMARY}:{hadoop.ports.name_node_http}/{query}", timeout=30
    ) as answer:
        nodes = json.loads(json.loads(answer.read())["beans"][0]["LiveNodes"])
    (host,) = [node.address for node in hadoop.nodes if node.instance is instance]
    (found,) = [told["numBlocks"] for name, told in nodes.items() if name.startswith(f"{host}:")]
    return int(found)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    _until(lambda: is_so() or None)


def _until(look: Callable[[], Found | None]) -> Found:
    deadline = monotonic() + _TIMEOUT_S
    while monotonic() < deadline:
        try:
            found = look()
        except (NotThereError, OSError):
            found = None
        if found is not None:
            return found
        sleep(0.1)
    raise AssertionError("it never came to be so")
