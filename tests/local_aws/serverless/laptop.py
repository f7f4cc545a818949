"""An embedded EMR Serverless for tests."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import application_request, job_run_request
from local_aws.api.errors import AwsError
from local_aws.api.shapes import operation, output_faults
from local_aws.serverless.emulator import SERVICE, Serverless
from local_aws.serverless.entities import Application, JobRun
from local_aws.serverless.simulated_runner import AttemptPlan, SimulatedRunner
from local_aws.serverless.world import World

MINUTE = 60
HOUR = 3600


class Laptop:
    """An EMR Serverless whose calls are not limited, and whose answers are held against the model."""

    def __init__(self, *plans: AttemptPlan, seed: str = "0") -> None:
        """Begin without applications."""
        self._plans = plans
        self.serverless = Serverless(self._runner, seed=seed)
        self.serverless.quotas = None
        self.world, self.account = self.serverless.world, self.serverless.service.account
        self._tokens = 0

    def _runner(self, world: World) -> SimulatedRunner:
        self.runner = SimulatedRunner(world, list(self._plans))
        return self.runner

    def call(self, name: str, /, **request: Any) -> dict[str, Any]:
        """Call an operation."""
        answer = self.serverless.call(name, request)
        model = operation(name, SERVICE)
        assert model is not None
        assert output_faults(model, answer) == []
        return answer

    def refused(self, name: str, /, **request: Any) -> tuple[str, str]:
        """Call an operation that is refused; return the error's code and message."""
        with pytest.raises(AwsError) as raised:
            self.call(name, **request)
        return raised.value.code, raised.value.message

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.serverless.advance(seconds)

    def create(self, **further: Any) -> str:
        """Create an application, and wait until it is created."""
        request = application_request(self._token(), **further)
        made: str = self.call("CreateApplication", **request)["applicationId"]
        self.advance(5)
        return made

    def started(self, **further: Any) -> str:
        """Create an application and start it, and wait until it is started."""
        made = self.create(**further)
        self.call("StartApplication", applicationId=made)
        self.advance(MINUTE)
        assert self.application(made).state == "STARTED"
        return made

    def run(self, application_id: str, name: str = "run", seconds: float = 0, **further: Any) -> str:
        """Start a job run, and let some time pass."""
        request = job_run_request(application_id, self._token(), name=name, **further)
        made: str = self.call("StartJobRun", **request)["jobRunId"]
        self.advance(seconds)
        return made

    def application(self, application_id: str) -> Application:
        """Return an application as it stands."""
        return self.account.applications[application_id]

    def job_run(self, job_run_id: str) -> JobRun:
        """Return a job run as it stands."""
        return self.account.job_runs[job_run_id]

    def named(self, job_run_id: str) -> dict[str, str]:
        """Name a job run as requests do."""
        return {"applicationId": self.job_run(job_run_id).application_id, "jobRunId": job_run_id}

    def states(self, *job_run_ids: str) -> list[str]:
        """Return the states of job runs."""
        return [self.job_run(one).state for one in job_run_ids]

    def history(self, thing: str) -> list[str]:
        """Return the states that a thing has had."""
        lines = (line.split(" ") for line in self.world.trace)
        return [line[2] for line in lines if line[1] == thing]

    def _token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"
