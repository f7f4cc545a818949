"""All work that runs, by names, with the logs of each, which are put while it runs and once more after its end."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from local_aws.emr.agenda import Agenda
from local_aws.emr.world import Outcome
from local_aws.running.logs import LogStore
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop

# Where which files of a work's logs go: the URI of a folder, and files by their names there.
Logs: TypeAlias = Callable[[Work], Iterable[tuple[str, Mapping[str, Path]]]]


class _Begun(NamedTuple):
    work: Work
    logs: Logs


@dataclass
class Works:
    """What runs; all but `close` is called within the workshop's `perform`."""

    agenda: Agenda
    shop: Workshop
    log_store: LogStore
    _begun: dict[str, _Begun] = field(default_factory=dict)
    # Those whose last logs are still to be put.
    _ended_works: list[_Begun] = field(default_factory=list)
    _is_closing: bool = False

    def begin(
        self,
        name: str,
        folder: Path,
        do: Callable[[Work], Outcome],
        done: Callable[[Outcome], None],
        logs: Logs,
    ) -> None:
        """Begin a piece of work; one that cannot be begun fails."""
        if self._is_closing:
            return

        def ended(outcome: Outcome) -> None:
            self.shop.perform(lambda: self._ended(name, outcome, done))

        work = Work(folder, do, ended)
        try:
            work.begin()
        except (OSError, RuntimeError) as fault:  # no room for its folder or its thread
            outcome = Outcome(1, {"Reason": "The local engine failed.", "Message": str(fault)})
            self.agenda.after(0, lambda: done(outcome))
            return
        self._begun[name] = _Begun(work, logs)
        self._put_logs_while_it_runs(name)

    def stop(self, name: str, *, is_forced: bool) -> None:
        """Ask a piece of work to end, or kill it; one that is not there has ended."""
        if name in self._begun:
            self._begun[name].work.stop(is_forced=is_forced)
            self.shop.memory.look()

    def __contains__(self, name: str) -> bool:
        """Tell whether a piece of work runs."""
        return name in self._begun

    def __len__(self) -> int:
        """Count what runs."""
        return len(self._begun)

    def begin_nothing(self) -> None:
        """From now on begin no work, and tell the ends of none: the server ends, not what it runs."""
        self._is_closing = True

    @property
    def is_closing(self) -> bool:
        """Tell whether nothing is begun any more."""
        return self._is_closing

    def close(self, end_rest: Callable[[], None] = lambda: None) -> None:
        """Kill everything and wait for its end; called from outside `perform`, after `begin_nothing`.

        `end_rest` ends what the work ran on, before the last logs are put.
        """
        works: list[Work] = []
        self.shop.perform(lambda: works.extend(begun.work for begun in self._begun.values()))
        for work in works:
            work.stop(is_forced=True)
        self.shop.memory.look()
        for work in works:
            work.join()
        end_rest()
        self.shop.perform(self._put_all_last_logs)
        self.log_store.close()

    def _ended(self, name: str, outcome: Outcome, done: Callable[[Outcome], None]) -> None:
        ended = self._begun.pop(name)
        self._ended_works.append(ended)
        if not self._is_closing:
            self.agenda.after(self.shop.log_delay, partial(self._put_last_logs, ended))
            done(outcome)

    def _put_all_last_logs(self) -> None:
        for ended in list(self._ended_works):
            self._put_last_logs(ended)

    def _put_last_logs(self, ended: _Begun) -> None:
        if ended in self._ended_works:
            self._ended_works.remove(ended)
            self._put_logs(ended)

    def _put_logs_while_it_runs(self, name: str) -> None:
        """Put its logs again and again, as EMR does every five minutes."""

        def put() -> None:
            if name in self._begun:
                # On a fast clock the time comes again before S3 has taken what was put.
                if self.log_store.is_idle:
                    self._put_logs(self._begun[name])
                self._put_logs_while_it_runs(name)

        self.agenda.after(self.shop.log_interval, put)

    def _put_logs(self, begun: _Begun) -> None:
        for uri, files in begun.logs(begun.work):
            self.log_store.put(uri, {name: path for name, path in files.items() if path.exists()})
