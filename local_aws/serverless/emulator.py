"""Amazon EMR Serverless in a process: operations by name, driven by a clock that whoever uses it moves."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from local_aws.api.errors import AwsError
from local_aws.emr.agenda import Agenda
from local_aws.emr.calling import Called
from local_aws.emr.emulator import BEGINNING
from local_aws.emr.quotas import Quotas, Rate
from local_aws.serverless.account import Request
from local_aws.serverless.ids import Ids
from local_aws.serverless.operations import applications, job_runs, tags
from local_aws.serverless.service import Service
from local_aws.serverless.world import Durations, Runner, World

SERVICE: Final = "emr-serverless"
Operation = Callable[[Service, Request], dict[str, Any]]
OPERATIONS: Final[Mapping[str, Operation]] = {
    "CancelJobRun": job_runs.cancel_job_run,
    "CreateApplication": applications.create_application,
    "DeleteApplication": applications.delete_application,
    "GetApplication": applications.get_application,
    "GetDashboardForJobRun": job_runs.get_dashboard_for_job_run,
    "GetJobRun": job_runs.get_job_run,
    "ListApplications": applications.list_applications,
    "ListJobRunAttempts": job_runs.list_job_run_attempts,
    "ListJobRuns": job_runs.list_job_runs,
    "ListTagsForResource": tags.list_tags_for_resource,
    "StartApplication": applications.start_application,
    "StartJobRun": job_runs.start_job_run,
    "StopApplication": applications.stop_application,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateApplication": applications.update_application,
}
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html; those of a kind that it does
# not name have the rate of the others.
_READS: Final = Rate(50, 10)
RATES: Final[Mapping[str, Rate]] = {
    **dict.fromkeys(OPERATIONS, Rate(25, 1)),
    "GetApplication": _READS,
    "GetJobRun": _READS,
    "GetDashboardForJobRun": Rate(2, 1),
}
# AWS names no rate of an account's calls together.
_ACCOUNT: Final = Rate(1e9, 1e9)


class Serverless(Called[Service]):
    """An account's EMR Serverless in one Region: the same seed and calls at the same instants give the same trace.

    With an agenda of its own it moves by `advance`; with another's, as that moves.
    """

    def __init__(
        self,
        runner: Callable[[World], Runner],
        *,
        seed: str = "0",
        agenda: Agenda | None = None,
        durations: Durations | None = None,
        dashboards: str = "https://emr-serverless.localhost",
    ) -> None:
        """Begin without applications; `runner` makes who runs attempts."""
        self.world = World(
            seed=seed,
            region="us-east-1",
            account="123456789012",
            agenda=agenda or Agenda(BEGINNING),
            ids=Ids(seed),
            durations=durations or Durations(),
        )
        self.world.runner = runner(self.world)
        self.service = Service(self.world, dashboards)
        quotas = Quotas(self.world.now, RATES, _ACCOUNT)
        super().__init__(SERVICE, OPERATIONS, self.service, self.world, quotas)

    def _unknown(self, name: str) -> AwsError:
        return AwsError("UnknownOperationException", f"{name}: not served by the embedded AWS", 404)
