"""Amazon EMR Serverless as the orchestrator uses it, with the methods of `orchestrator.aws.emr.Emr`.

What makes something bears a client token, so that it may be asked for again whatever became of it: the same request
with the same token makes nothing again
(https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html).
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from orchestrator.aws import serverless_words as words
from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Record, created_at, is_forgotten
from orchestrator.aws.faults import (
    BusyError,
    EndedError,
    RefusedCallError,
    UnknownOutcomeError,
    unanswered,
)
from orchestrator.aws.limiter import SERVERLESS_BUCKETS, UNBOUNDED, Limiter
from orchestrator.aws.retrying import Retrying
from orchestrator.errors import TimedOutError

SERVICE: Final = "EMR Serverless"
MOST_ON_A_PAGE: Final = 50
# Of an application's job runs, where not all since an instant are asked for: the newest, as EMR shows of steps.
MOST_LISTED: Final = 200
# Between looks at what is ending, and before a call that was not answered is made again.
PAUSE_S: Final = 2.0
_CONFLICT: Final = "ConflictException"
_WRONG_STATE: Final = "ValidationException"
_DELETABLE: Final = frozenset({"CREATED", "STOPPED"})
# States in which an application takes no job run, and will.
_NOT_NOW: Final = frozenset({"CREATING", "STOPPING"})


class Serverless:
    """The calls of one process; every one ends at an instant (`until`, seconds of the Unix epoch)."""

    def __init__(
        self,
        client: Any,
        clock: Clock,
        limiter: Limiter | None = None,
        draws: random.Random | None = None,
        pause_s: float = PAUSE_S,
    ) -> None:
        """Make it of a boto3 client that does not retry by itself what makes something."""
        self._client, self._clock, self._pause_s = client, clock, pause_s
        draws = draws or random.Random()  # noqa: S311 - waits, not secrets
        self._retrying = Retrying(SERVICE, clock, draws, limiter or serverless_limiter(clock))

    def create(self, request: Record, until: float) -> str:
        """Create an application, unless its token has made one, and return its id.

        Raises:
            RefusedCallError: AWS refuses the request.
            UnknownOutcomeError: There may be one, or its token has made another one.
            TimedOutError: There is none, for AWS was throttling.
        """
        return self._made(
            "CreateApplication", "applicationId", until, lambda: self._client.create_application(**request)
        )

    def start(self, application_id: str, request: Record, until: float) -> str:
        """Start a job run, unless its token has started one, and return its id.

        Raises:
            EndedError: The application is deleted.
            BusyError: It is stopping, and takes none until it has stopped.
            RefusedCallError: AWS refuses it otherwise.
            UnknownOutcomeError: There may be one, or its token has started another one.
            TimedOutError: There is none, for AWS was throttling.
        """
        before = self._state(application_id, until)
        if before == "TERMINATED":
            raise EndedError(f"{application_id}: it is deleted", _WRONG_STATE, "deleted")
        if before in _NOT_NOW:
            raise BusyError(f"{application_id}: {before}", _WRONG_STATE, str(before))
        try:
            return self._made(
                "StartJobRun",
                "jobRunId",
                until,
                lambda: self._client.start_job_run(applicationId=application_id, **request),
            )
        except RefusedCallError as refused:
            # Of a refusal AWS documents no words: it is of the state where that has changed meanwhile.
            if is_forgotten(refused):
                raise EndedError(str(refused), refused.code, refused.aws_message) from refused
            if refused.code == _WRONG_STATE and self._state(application_id, until) != before:
                raise BusyError(str(refused), refused.code, refused.aws_message) from refused
            raise

    def cancel_steps(self, application_id: str, ids: Sequence[str], until: float) -> list[Record]:
        """Ask for the end of job runs; return for each what EMR would answer for a step."""
        told: list[Record] = []
        for each in ids:
            try:
                self._retrying.read("CancelJobRun", self._canceller(application_id, each), until)
                told.append({"StepId": each, "Status": "SUBMITTED"})
            except RefusedCallError as refused:
                told.append({"StepId": each, "Status": "FAILED", "Reason": refused.aws_message})
        return told

    def terminate(self, application_ids: Sequence[str], until: float) -> None:
        """End applications: their job runs are cancelled, they are stopped and deleted; that takes its time.

        Raises:
            RefusedCallError: AWS refuses a call.
            TimedOutError: One had not ended when the time was over.
        """
        waiting = dict.fromkeys(application_ids, "")
        while waiting:
            waiting = {each: str(self.status(each, until)["State"]) for each in waiting}
            waiting = {each: state for each, state in waiting.items() if state != "TERMINATED"}
            for each, state in waiting.items():
                self._end(each, state, until)
            if waiting and self._clock.now() + self._pause_s >= until:
                told = ", ".join(f"{each}: {state}" for each, state in waiting.items())
                raise TimedOutError(f"{told} when the time to end it was over; run the same command again")
            if any(state not in _DELETABLE for state in waiting.values()):
                self._clock.sleep(self._pause_s)

    def clusters(
        self, until: float, *, created_after: float | None = None, states: Sequence[str] = ()
    ) -> list[Record]:
        """List applications as clusters, all pages, oldest first; deleted ones too unless `states` are given.

        Which states makes no difference: an application is there, or deleted.
        """
        wanted = list(words.ACTIVE) if states else [*words.ACTIVE, "TERMINATED"]
        pages = self._pages(
            "ListApplications", self._client.list_applications, "applications", {"states": wanted}, until
        )
        found = {each["Id"]: each for each in map(words.summary, pages)}
        kept = (each for each in found.values() if created_at(each) >= (created_after or 0.0))
        return sorted(kept, key=lambda each: (created_at(each), each["Id"]))

    def cluster(self, application_id: str, until: float) -> Record:
        """Describe an application as a cluster."""
        answer = self._retrying.read(
            "GetApplication", lambda: self._client.get_application(applicationId=application_id), until
        )
        return words.cluster(answer["application"])

    def status(self, application_id: str, until: float) -> Record:
        """Return the state of an application; one that is not known any more has ended."""
        try:
            found: Record = self.cluster(application_id, until)["Status"]
        except RefusedCallError as refused:
            if not is_forgotten(refused):
                raise
            return {
                "State": "TERMINATED",
                "StateChangeReason": {"Code": "FORGOTTEN", "Message": refused.aws_message},
            }
        return found

    def step(self, application_id: str, job_run_id: str, until: float) -> Record:
        """Describe a job run as a step."""
        answer = self._retrying.read(
            "GetJobRun",
            lambda: self._client.get_job_run(applicationId=application_id, jobRunId=job_run_id),
            until,
        )
        return words.step(answer["jobRun"])

    def steps(
        self, application_id: str, until: float, *, states: Sequence[str] = (), since: float | None = None
    ) -> list[Record]:
        """List job runs as steps, oldest first: all since an instant, or the newest two hundred.

        Of those that run the beginning is asked for, which lists do not tell.
        """
        asked: dict[str, Any] = {"applicationId": application_id}
        if since is not None:
            asked["createdAtAfter"] = datetime.fromtimestamp(since, UTC)
        found: dict[str, Record] = {}
        try:
            for each in self._pages("ListJobRuns", self._client.list_job_runs, "jobRuns", asked, until):
                if since is None and len(found) >= MOST_LISTED:
                    break
                found[str(each["id"])] = words.step(each)
        except RefusedCallError as refused:
            if not is_forgotten(refused):
                raise
        kept = [each for each in found.values() if not states or each["Status"]["State"] in states]
        return [self._begun(application_id, each, until) for each in reversed(kept)]

    def newest_steps(self, application_id: str, until: float) -> list[Record]:
        """List the newest job runs, up to 50 in one call, newest first."""
        answer = self._retrying.read(
            "ListJobRuns",
            lambda: self._client.list_job_runs(applicationId=application_id, maxResults=MOST_ON_A_PAGE),
            until,
        )
        return [words.step(each) for each in answer.get("jobRuns", [])]

    def _begun(self, application_id: str, listed: Record, until: float) -> Record:
        is_running = listed["Status"]["State"] == "RUNNING"
        return self.step(application_id, listed["Id"], until) if is_running else listed

    def _end(self, application_id: str, state: str, until: float) -> None:
        """Take the next step towards the end of an application; what its state does not allow comes next time."""
        if state in _DELETABLE:
            self._asked("DeleteApplication", self._client.delete_application, application_id, until)
        elif state == "STARTED":
            active = [each["Id"] for each in self.newest_steps(application_id, until) if _is_active(each)]
            if active:
                self.cancel_steps(application_id, active, until)
            else:
                self._asked("StopApplication", self._client.stop_application, application_id, until)

    def _asked(self, operation: str, method: Callable[..., Any], application_id: str, until: float) -> None:
        try:
            self._retrying.read(operation, lambda: method(applicationId=application_id), until)
        except RefusedCallError as refused:
            if refused.code != _WRONG_STATE and not is_forgotten(refused):
                raise

    def _canceller(self, application_id: str, job_run_id: str) -> Callable[[], Any]:
        return lambda: self._client.cancel_job_run(applicationId=application_id, jobRunId=job_run_id)

    def _made(self, operation: str, member: str, until: float, call: Callable[[], Record]) -> str:
        """Make a call that bears a token, again where no answer came."""
        lost: UnknownOutcomeError | None = None
        while True:
            try:
                answer = self._retrying.write(operation, call, until)
            except UnknownOutcomeError as error:
                lost = error
            except TimedOutError as late:
                raise lost or late from late
            except RefusedCallError as refused:
                if refused.code == _CONFLICT:
                    raise UnknownOutcomeError(str(refused)) from refused
                raise lost or refused from refused
            else:
                if answer.get(member):
                    return str(answer[member])
                lost = unanswered(SERVICE, operation, member)
            if self._clock.now() + self._pause_s >= until:
                raise lost
            self._clock.sleep(self._pause_s)

    def _state(self, application_id: str, until: float) -> str | None:
        """Look what state an application is in; None where that may not be seen."""
        try:
            return str(self.status(application_id, until)["State"])
        except RefusedCallError:
            return None

    def _pages(
        self, operation: str, method: Callable[..., Record], member: str, asked: Record, until: float
    ) -> Iterator[Record]:
        token: dict[str, str] = {}
        while True:
            answer = self._retrying.read(
                operation,
                lambda token=token: method(**asked, maxResults=MOST_ON_A_PAGE, **token),  # type: ignore[misc] # no default in a lambda
                until,
            )
            yield from answer.get(member, [])
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}


def serverless_limiter(clock: Clock) -> Limiter:
    """Return what keeps a process below the rates of EMR Serverless."""
    return Limiter(clock, buckets=SERVERLESS_BUCKETS, every=UNBOUNDED)


def _is_active(step: Record) -> bool:
    return step["Status"]["State"] in {"PENDING", "RUNNING", "CANCEL_PENDING"}
