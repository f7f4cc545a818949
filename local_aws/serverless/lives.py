"""The lives of applications: created, started, stopped, idle and ended.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications.html#application-states
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html#auto-start-stop
"""

from collections.abc import Callable

from local_aws.api.errors import validation
from local_aws.serverless import guesses, refusals
from local_aws.serverless.account import Account
from local_aws.serverless.capacity import total
from local_aws.serverless.entities import APPLICATION_STATES, MODIFIABLE, Application
from local_aws.serverless.world import MINUTE


class ApplicationLives:
    """Brings applications from state to state.

    `started` hears of each that is ready for job runs, `freed` of capacity that is given back.
    """

    def __init__(
        self, account: Account, started: Callable[[Application], None], freed: Callable[[], None]
    ) -> None:
        """Look after an account's applications."""
        self._account, self._world = account, account.world
        self._started, self._freed = started, freed

    def create(self, application: Application) -> None:
        """Prepare a new application."""
        self._account.applications[application.id] = application
        self._world.say(application.id, "CREATING")
        self._later(application, self._world.durations.create, lambda: self._become(application, "CREATED"))

    def start(self, application: Application) -> None:
        """Start an application; one that is started, or starts, goes on.

        Raises:
            AwsError: `ValidationException` in other states than CREATED and STOPPED, `ServiceQuotaExceededException`
                where its initial capacity is more than the account may have.
        """
        if application.state in ("STARTING", "STARTED"):
            return
        if application.state not in MODIFIABLE:
            raise refusals.wrong_state("STARTED", *MODIFIABLE)
        wanted = total(workers.all for workers in application.workers.values())
        if wanted.cpu and self._account.used().cpu + wanted.cpu > self._world.vcpus:
            raise refusals.no_vcpus()
        self._become(application, "STARTING")
        self._later(application, self._world.durations.start, lambda: self._begin(application))

    def stop(self, application: Application) -> None:
        """Stop an application by request.

        Raises:
            AwsError: `ValidationException`, where it is not started, or job runs have not ended.
        """
        if application.state not in ("STARTING", "STARTED"):
            raise refusals.wrong_state("STOPPED", "STARTING", "STARTED")
        if any(self._account.of(application)):
            raise validation(guesses.JOBS_RUN)
        self._stop(application, "")

    def delete(self, application: Application) -> None:
        """End an application.

        Raises:
            AwsError: `ValidationException`, where it is neither created nor stopped.
        """
        if application.state not in MODIFIABLE:
            raise refusals.wrong_state("TERMINATED", *MODIFIABLE)
        self._become(application, "TERMINATED")

    def look(self, application: Application) -> None:
        """See whether an application is idle, and since when; it stops itself after its time."""
        is_busy = application.state != "STARTED" or any(self._account.of(application))
        if is_busy:
            application.idle_since = None
        elif application.idle_since is None:
            application.idle_since = since = self._world.now
            minutes = application.idle_minutes
            if minutes is not None:
                self._world.agenda.after(
                    minutes * MINUTE, lambda: self._stop_idle(application, since, minutes)
                )

    def _stop_idle(self, application: Application, since: int, minutes: int) -> None:
        if application.state == "STARTED" and application.idle_since == since:
            self._stop(application, guesses.IDLE.format(minutes=minutes))

    def _begin(self, application: Application) -> None:
        self._become(application, "STARTED")
        self.look(application)
        self._started(application)

    def _stop(self, application: Application, details: str) -> None:
        self._become(application, "STOPPING", details)
        self._later(application, self._world.durations.stop, lambda: self._stopped(application, details))

    def _stopped(self, application: Application, details: str) -> None:
        self._become(application, "STOPPED", details)
        self._freed()

    def _become(self, application: Application, state: str, details: str = "") -> None:
        assert state in APPLICATION_STATES[application.state]  # noqa: S101 - or it is a fault of ours
        application.state, application.details = state, details
        application.updated_at = self._world.now
        application.changes += 1
        if state != "STARTED":
            application.idle_since = None
        self._world.say(application.id, state, details or "-")

    def _later(self, application: Application, between: tuple[int, int], do: Callable[[], None]) -> None:
        """Do a thing after its time, unless another state has come meanwhile."""
        changes = application.changes

        def act() -> None:
            if application.changes == changes:
                do()

        self._world.agenda.after(self._world.draw(between, application.id, changes), act)
