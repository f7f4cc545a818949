"""Calls and faults at random, and what becomes of them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from benchmarks.emr_chaos.calling import call, outcome_of
from benchmarks.emr_chaos.laws import BrokenLawError
from benchmarks.serverless_chaos.laws import Laws
from benchmarks.serverless_chaos.requests import SMALL, application_request, job_run_request, worker
from local_aws.api.errors import AwsError
from local_aws.emr.faults import CallFault
from local_aws.serverless.emulator import SERVICE, Serverless
from local_aws.serverless.simulated_runner import AttemptPlan, SimulatedRunner
from local_aws.serverless.world import World

# What is done, and with what: a method's name and its arguments, all of which JSON can hold.
Call: TypeAlias = Sequence[Any]

APPLICATIONS: Final[Sequence[dict[str, Any]]] = (
    {},
    {"autoStartConfiguration": {"enabled": False}},
    {"autoStopConfiguration": {"enabled": False}},
    {"maximumCapacity": {"cpu": "6 vCPU", "memory": "24 GB"}},
    {"initialCapacity": {"DRIVER": worker(1, 4), "EXECUTOR": worker(1, 4, 2)}},
    {"initialCapacity": {"DRIVER": worker(4, 16, 5)}},
    {"schedulerConfiguration": {"maxConcurrentRuns": 1, "queueTimeoutMinutes": 15}},
    {"releaseLabel": "emr-6.15.0"},
)
JOB_RUNS: Final[Sequence[dict[str, Any]]] = (
    {},
    {"retryPolicy": {"maxAttempts": 3}},
    {"executionTimeoutMinutes": 10},
    {"mode": "STREAMING", "retryPolicy": {"maxFailedAttemptsPerHour": 2}},
    {"mode": "STREAMING", "executionTimeoutMinutes": 30},
    {"parameters": None},
    {"parameters": f"{SMALL} --num-executors 40"},
    {"parameters": "--conf spark.driver.cores=3"},
    {"executionTimeoutMinutes": 10_081},
)
_PLANS: Final = (
    AttemptPlan("bad", exit_code=1),
    AttemptPlan("shaky", exit_code=2, times=1),
    AttemptPlan("long", minutes=(300, 800)),
)

numbers = st.integers(0, 4)
tokens = st.sampled_from(["", "same", "again"])
calls = st.one_of(
    st.tuples(st.just("create"), st.integers(0, len(APPLICATIONS) - 1), tokens),
    st.tuples(st.just("start"), numbers),
    st.tuples(st.just("stop"), numbers),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("update"), numbers, st.integers(0, len(APPLICATIONS) - 1)),
    *[
        st.tuples(
            st.just("run"),
            numbers,
            st.sampled_from(["good", "bad", "shaky", "long"]),
            st.integers(0, len(JOB_RUNS) - 1),
            tokens,
        )
    ]
    * 3,
    st.tuples(st.just("cancel"), st.integers(0, 9), st.sampled_from([None, 0, 15, 1800, 7])),
    *[st.tuples(st.just("advance"), st.sampled_from([1, 5, 30, 120, 600, 1200, 20_000]))] * 3,
    st.tuples(st.just("look"), st.integers(0, 9)),
    st.tuples(st.just("tag"), st.integers(0, 9)),
    st.tuples(st.just("vcpus"), st.integers(1, 16)),
    st.tuples(
        st.just("fault"), st.sampled_from(["throttled", "server_error", "lost_answer"]), st.floats(0, 0.5)
    ),
)


class Chaos:
    """An EMR Serverless that is called at random.

    Attributes:
        outcomes: How often a call or a fault came to an end of a kind.
    """

    def __init__(self, seed: str) -> None:
        """Begin without applications."""
        self.serverless = Serverless(self._runner, seed=seed)
        self.serverless.quotas = None
        self.laws = Laws(self.serverless, self.runner)
        self.account = self.serverless.service.account
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._tokens = 0
        self._made: dict[tuple[str, str], dict[str, Any]] = {}

    def _runner(self, world: World) -> SimulatedRunner:
        self.runner = SimulatedRunner(world, list(_PLANS))
        return self.runner

    def play(self, sequence: Sequence[Call]) -> None:
        """Do one thing after another, then let two weeks go by.

        Raises:
            BrokenLawError: Where a law was broken.
        """
        for what, *given in [("create", 0, ""), ("create", 6, ""), ("advance", 5), *sequence]:
            self.do(what, *given)
            self.laws.check()
        self.serverless.faults.script = []
        self.serverless.advance(14 * 86400)
        self.laws.check()
        self.laws.check_settled()

    def do(self, what: str, *given: Any) -> None:
        """Do one thing; AWS may refuse it, and nothing else may go wrong."""
        outcome = outcome_of(lambda: getattr(self, f"_{what}")(*given))
        self.outcomes[
            " ".join([what, *(each for each in given if isinstance(each, str) and each)]), outcome
        ] += 1

    def call(self, name: str, /, **request: Any) -> dict[str, Any]:
        """Call an operation, of which a refusal must leave no trace, and an answer must be as the model has it."""
        return call(self.serverless, SERVICE, name, request)

    def _create(self, kind: int, token: str) -> None:
        request = application_request(self._token(token), **APPLICATIONS[kind])
        self._make("CreateApplication", token, request, "applicationId")

    def _start(self, number: int) -> None:
        self.call("StartApplication", applicationId=self._application(number))

    def _stop(self, number: int) -> None:
        self.call("StopApplication", applicationId=self._application(number))

    def _delete(self, number: int) -> None:
        self.call("DeleteApplication", applicationId=self._application(number))

    def _update(self, number: int, kind: int) -> None:
        application = self._application(number)
        self.call(
            "UpdateApplication", applicationId=application, clientToken=self._token(""), **APPLICATIONS[kind]
        )

    def _run(self, number: int, name: str, kind: int, token: str) -> None:
        application = self._application(number)
        request = job_run_request(application, self._token(token), name=name, **JOB_RUNS[kind])
        self._make("StartJobRun", f"{token}{application}" if token else "", request, "jobRunId")

    def _cancel(self, number: int, grace: int | None) -> None:
        given = {} if grace is None else {"shutdownGracePeriodInSeconds": grace}
        self.call("CancelJobRun", **self._job_run(number), **given)

    def _advance(self, seconds: int) -> None:
        self.serverless.advance(seconds)

    def _look(self, number: int) -> None:
        job_run = self._job_run(number)
        application = job_run["applicationId"]
        self.call("ListApplications")
        self.call("GetApplication", applicationId=application)
        self.call("ListJobRuns", applicationId=application)
        self.call("GetJobRun", **job_run)
        self.call("ListJobRunAttempts", **job_run)
        self.call("GetDashboardForJobRun", **job_run)

    def _tag(self, number: int) -> None:
        job_run = self._job_run(number)
        arn = (
            f"{self.serverless.world.application_arn(job_run['applicationId'])}/jobruns/{job_run['jobRunId']}"
        )
        self.call("TagResource", resourceArn=arn, tags={"k": str(number)})
        self.call("ListTagsForResource", resourceArn=arn)
        self.call("UntagResource", resourceArn=arn, tagKeys=["k"])

    def _vcpus(self, more: int) -> None:
        self.serverless.world.vcpus += more

    def _fault(self, kind: str, rate: float) -> None:
        self.serverless.faults.script = [CallFault(kind, rate)]

    def _make(self, name: str, token: str, request: dict[str, Any], member: str) -> None:
        """Make a thing; of the same token and request only one is made, of another request none."""
        count = len(self.account.applications) + len(self.account.job_runs)
        known = self._made.get((name, token)) if token else None
        try:
            made = self.call(name, **request)[member]
        except AwsError as fault:
            if known and known["request"] == request and fault.code == "ConflictException":
                raise BrokenLawError(f"{name}: the same request with its token was refused") from fault
            raise
        more = len(self.account.applications) + len(self.account.job_runs) - count
        if known and (known["request"] != request or known["made"] != made or more):
            raise BrokenLawError(f"{name}: {made} was made with the token of {known}")
        if token:
            self._made[name, token] = {"request": request, "made": made}

    def _token(self, token: str) -> str:
        self._tokens += 1
        return token or f"t{self._tokens}"

    def _application(self, number: int) -> str:
        ids = list(self.account.applications)
        return ids[number % len(ids)] if ids else "00none"

    def _job_run(self, number: int) -> dict[str, Any]:
        runs = list(self.account.job_runs.values())
        if not runs:
            return {"applicationId": self._application(0), "jobRunId": "00none"}
        one = runs[number % len(runs)]
        return {"applicationId": one.application_id, "jobRunId": one.id}
