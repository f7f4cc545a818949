"""Who really runs steps and bootstrap actions: as processes of this machine, whatever the cluster's size.

A step runs once, in one process tree; on YARN its containers are in those of its nodes. A bootstrap action runs once a
cluster, on the primary; elsewhere it only takes its time.
"""

from collections.abc import Callable
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
    _work: dict[str, tuple[Cluster, Work]] = field(default_factory=dict)
    # Those whose last logs are still to be put.
    _ended_works: list[tuple[Cluster, Work]] = field(default_factory=list)
    _is_closing: bool = False

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
        if step.id in self._work:
            self._work[step.id][1].stop(is_forced=is_forced)
            self.shop.memory.look()

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
        if self.hadoop and not self._is_closing:
            self.hadoop.changed(cluster, instance, change)

    def may_let_go(self, cluster: Cluster, instance: Instance) -> bool:
        """Tell whether YARN has nothing on an instance."""
        return self.hadoop is None or self.hadoop.may_let_go(cluster, instance)

    def end(self, cluster: Cluster) -> None:
        """Kill what still runs for a cluster."""
        for owner, work in self._work.values():
            if owner is cluster:
                work.stop(is_forced=True)
        self.shop.memory.look()
        if self.hadoop:
            self.hadoop.end(cluster)

    def demand(self, cluster: Cluster) -> int:
        """Reckon the same for each step that runs."""
        return _DEMAND * sum(step.id in self._work for step in cluster.steps)

    @property
    def running(self) -> int:
        """How many steps and bootstrap actions run."""
        return len(self._work)

    def begin_nothing(self) -> None:
        """From now on begin no work, and tell the ends of none: the server ends, not its steps."""
        self._is_closing = True

    def close(self) -> None:
        """Kill everything and wait for its end; called from outside `perform`, after `begin_nothing`."""
        works: list[Work] = []
        self.shop.perform(lambda: works.extend(work for _, work in self._work.values()))
        for work in works:
            work.stop(is_forced=True)
        self.shop.memory.look()
        for work in works:
            work.join()
        if self.hadoop:
            self.hadoop.close()
        self.shop.perform(self._put_all_last_logs)
        self.log_store.close()

    def _begin(
        self,
        cluster: Cluster,
        name: str,
        folder: Path,
        do: Callable[[Work], Outcome],
        done: Callable[[Outcome], None],
    ) -> None:
        if self._is_closing:
            return

        def ended(outcome: Outcome) -> None:
            self.shop.perform(lambda: self._ended(name, outcome, done))

        work = Work(folder, do, ended)
        try:
            work.begin()
        except (OSError, RuntimeError) as fault:  # no room for its folder or its thread
            outcome = Outcome(1, {"Reason": "The local engine failed.", "Message": str(fault)})
            self.world.agenda.after(0, lambda: done(outcome))
            return
        self._work[name] = (cluster, work)
        self._put_logs_while_it_runs(name)

    def _ended(self, name: str, outcome: Outcome, done: Callable[[Outcome], None]) -> None:
        ended = self._work.pop(name)
        self._ended_works.append(ended)
        if not self._is_closing:
            self.world.agenda.after(self.shop.log_delay, partial(self._put_last_logs, ended))
            done(outcome)

    def _put_all_last_logs(self) -> None:
        for ended in list(self._ended_works):
            self._put_last_logs(ended)

    def _put_last_logs(self, ended: tuple[Cluster, Work]) -> None:
        if ended in self._ended_works:
            self._ended_works.remove(ended)
            self._put_logs(*ended)

    def _put_logs_while_it_runs(self, name: str) -> None:
        """Put its logs again and again, as EMR does every five minutes."""

        def put() -> None:
            if name in self._work:
                # On a fast clock the time comes again before S3 has taken what was put.
                if self.log_store.is_idle:
                    self._put_logs(*self._work[name])
                self._put_logs_while_it_runs(name)

        self.world.agenda.after(self.shop.log_interval, put)

    def _put_logs(self, cluster: Cluster, work: Work) -> None:
        root = logs.root(cluster)
        for folder in (work.folder, *work.containers) if root else ():
            place = folder.relative_to(self._folder(cluster)).as_posix()
            files = {name: folder / name for name in LOGS if (folder / name).exists()}
            self.log_store.put(f"{root}/{place}", files)
        for place, folder in work.logs_elsewhere.items() if root else ():
            files = {name: folder / name for name in LOGS if (folder / name).exists()}
            self.log_store.put(f"{root}/{place}", files)

    def _folder(self, cluster: Cluster) -> Path:
        return self.shop.folder / cluster.id
