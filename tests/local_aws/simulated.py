"""An embedded AWS whose steps only take their time, as plans say: pipelines run in a moment, and without Spark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_aws import server
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, Embedded, embedded


class _Runner(SimulatedRunner):
    """The simulated runner where the embedded AWS has its real one."""

    running: tuple[str, ...] = ()

    def begin_nothing(self) -> None:
        """Take no further work; there is none."""

    def close(self) -> None:
        """End the work; there is none."""


@contextmanager
def simulated(data: Path, plans: list[StepPlan]) -> Iterator[Embedded]:
    """Give a running one, and end it; the plans may change while it runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "RealRunner", lambda world, *_: _Runner(world, plans))
        with embedded(data, Settings(durations=FAST, log_delay_s=0)) as aws:
            yield aws
