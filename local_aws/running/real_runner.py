"""Who really runs steps and bootstrap actions: as processes of this machine, whatever the cluster's size.

A step runs once, in one process tree; on YARN its containers are in those of its nodes. A bootstrap action runs once a
cluster, on the primary; elsewhere it only takes its time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from local_aws.emr.entities import MASTER, Cluster, Instance, Step
from local_aws.emr.world import Outcome, World
from local_aws.hadoop.engine import Hadoop
from local_aws.hadoop.yarn_work import YarnWork
from local_aws.running import bootstrap_work, logs
from local_aws.running.logs import LogStore
from local_aws.running.step_work import StepWork
from local_aws.running.work import LOGS, Work
from local_aws.running.works import Works
from local_aws.running.workshop import Workshop

# What an application asks YARN for where it does not say: dynamic allocation takes what it gets.
_DEMAND: Final = 4


@dataclass
class RealRunner:
    """A runner of processes; see `Runner`. All but `close` is called within the workshop's `perform`."""

    world: World
    shop: Workshop
    log_store: LogStore
    hadoop: Hadoop | None = None
    _works: Works = field(init=False)
    # The names of each cluster's work.
    _names: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin without work."""
        self._works = Works(self.world.agenda, self.shop, self.log_store)

    def run_step(self, cluster: Cluster, step: Step, done: Callable[[Outcome], None], /) -> None:
        """Begin a step, as far as the machine's memory goes."""
        begun = sum(one.status.started_at is not None for one in cluster.steps)
        folder = self._folder(cluster) / logs.step_folder(step)
        do = StepWork(self.shop, cluster, step, begun).run
        if self.hadoop:
            do = YarnWork(self.shop, self.hadoop.of(cluster), cluster, step).run
        self._begin(cluster, step.id, folder, do, done)

    def stop_step(self, _cluster: Cluster, step: Step, /, *, is_forced: bool) -> None:
        """End a step's tree of processes; its end is told when nothing of it is left."""
        self._works.stop(step.id, is_forced=is_forced)

    def run_bootstrap(
        self, cluster: Cluster, instance: Instance, number: int, done: Callable[[Outcome], None]
    ) -> None:
        """Run a bootstrap action's script on the primary; on other instances let its time go by."""
        if instance.role != MASTER:
            delay = self.world.draw(self.world.durations.bootstrap_action, cluster.id, instance.id, number)
            self.world.agenda.after(delay, lambda: done(Outcome()))
            return
        folder = self._folder(cluster) / logs.bootstrap_folder(instance, number)
        do = partial(bootstrap_work.run, self.shop, cluster, number)
        self._begin(cluster, f"{instance.id}/{number}", folder, do, done)

    def instance_changed(self, cluster: Cluster, instance: Instance, change: str) -> None:
        """Let YARN's nodes follow."""
        if self.hadoop and not self._works.is_closing:
            self.hadoop.changed(cluster, instance, change)

    def may_let_go(self, cluster: Cluster, instance: Instance) -> bool:
        """Tell whether YARN has nothing on an instance."""
        return self.hadoop is None or self.hadoop.may_let_go(cluster, instance)

    def end(self, cluster: Cluster) -> None:
        """Kill what still runs for a cluster."""
        for name in self._names.pop(cluster.id, []):
            self._works.stop(name, is_forced=True)
        if self.hadoop:
            self.hadoop.end(cluster)

    def demand(self, cluster: Cluster) -> int:
        """Reckon the same for each step that runs."""
        return _DEMAND * sum(step.id in self._works for step in cluster.steps)

    @property
    def running(self) -> int:
        """How many steps and bootstrap actions run."""
        return len(self._works)

    def begin_nothing(self) -> None:
        """From now on begin no work, and tell the ends of none: the server ends, not its steps."""
        self._works.begin_nothing()

    def close(self) -> None:
        """Kill everything and wait for its end; called from outside `perform`, after `begin_nothing`."""
        self._works.close(self.hadoop.close if self.hadoop else lambda: None)

    def _begin(
        self,
        cluster: Cluster,
        name: str,
        folder: Path,
        do: Callable[[Work], Outcome],
        done: Callable[[Outcome], None],
    ) -> None:
        self._names.setdefault(cluster.id, []).append(name)
        self._works.begin(name, folder, do, done, partial(self._logs, cluster))

    def _logs(self, cluster: Cluster, work: Work) -> Iterator[tuple[str, Mapping[str, Path]]]:
        root = logs.root(cluster)
        for folder in (work.folder, *work.containers) if root else ():
            place = folder.relative_to(self._folder(cluster)).as_posix()
            yield f"{root}/{place}", {name: folder / name for name in LOGS}
        for place, folder in work.logs_elsewhere().items() if root else ():
            yield f"{root}/{place}", {name: folder / name for name in LOGS}

    def _folder(self, cluster: Cluster) -> Path:
        return self.shop.folder / cluster.id
