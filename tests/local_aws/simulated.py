"""An embedded AWS whose work only takes its time, as plans say: pipelines run in a moment, and without Spark."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_aws import server
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.server import Settings
from local_aws.serverless.simulated_runner import AttemptPlan
from local_aws.serverless.simulated_runner import SimulatedRunner as AttemptRunner
from local_aws.serverless.world import Durations
from tests.local_aws.embedded import FAST, Embedded, embedded

QUICK = (0.0005, 0.001)


@contextmanager
def simulated(
    data: Path, plans: list[StepPlan], attempts: Sequence[AttemptPlan] = (AttemptPlan("", QUICK),)
) -> Iterator[Embedded]:
    """Give a running one, and end it; the plans of steps may change while it runs.

    `attempts` are the plans of job runs, whose calls are not limited.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "RealRunner", lambda world, *_: SimulatedRunner(world, plans))
        patch.setattr(server, "JobRunner", lambda world, *_: AttemptRunner(world, list(attempts)))
        settings = Settings(durations=FAST, serverless=Durations().faster(1000), log_delay_s=0)
        with embedded(data, settings) as aws:
            aws.aws.serverless.quotas = None
            yield aws
