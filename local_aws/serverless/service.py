"""What the operations work with: the account, the lives of its applications and job runs, and its tokens."""

from dataclasses import dataclass, field

from local_aws.serverless.account import Account
from local_aws.serverless.entities import Application
from local_aws.serverless.job_run_lives import JobRunLives
from local_aws.serverless.lives import ApplicationLives
from local_aws.serverless.tokens import Tokens
from local_aws.serverless.world import World


@dataclass
class Service:
    """EMR Serverless of an account in a Region; `dashboards` is the beginning of the URLs of dashboards."""

    world: World
    dashboards: str
    account: Account = field(init=False)
    applications: ApplicationLives = field(init=False)
    job_runs: JobRunLives = field(init=False)
    tokens: Tokens = field(default_factory=Tokens)

    def __post_init__(self) -> None:
        """Bring together the lives of applications and of job runs."""
        self.account = Account(self.world)
        self.job_runs = JobRunLives(self.account, self._look)
        self.applications = ApplicationLives(self.account, self.job_runs.started, self.job_runs.look)

    def _look(self, application: Application) -> None:
        self.applications.look(application)
