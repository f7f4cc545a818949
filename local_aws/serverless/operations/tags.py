"""The operations on tags, of applications and job runs."""

from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.serverless import guesses, refusals
from local_aws.serverless.account import Request
from local_aws.serverless.service import Service

Json = dict[str, Any]
_MOST: Final = 200


def tag_resource(service: Service, request: Request) -> Json:
    """Set tags."""
    tags = _tags(service, request)
    if len({**tags, **request["tags"]}) > _MOST:
        raise validation(guesses.TOO_MANY_TAGS)
    tags.update(request["tags"])
    return {}


def untag_resource(service: Service, request: Request) -> Json:
    """Remove tags; those that are not there do no harm."""
    tags = _tags(service, request)
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(service: Service, request: Request) -> Json:
    """Tell the tags."""
    return {"tags": dict(_tags(service, request))}


def _tags(service: Service, request: Request) -> dict[str, str]:
    """Find the tags of an ARN."""
    arn = str(request["resourceArn"])
    for application in service.account.applications.values():
        if arn == service.world.application_arn(application.id):
            return application.tags
    for job_run in service.account.job_runs.values():
        if arn == service.world.job_run_arn(job_run):
            return job_run.tags
    raise refusals.missing(guesses.NO_RESOURCE.format(arn=arn))
