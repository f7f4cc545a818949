"""The operations on applications."""

from typing import Any, Final

from local_aws.api.errors import validation
from local_aws.serverless import guesses, refusals, views
from local_aws.serverless.account import Request
from local_aws.serverless.entities import MODIFIABLE, Application
from local_aws.serverless.pages import grouped, page
from local_aws.serverless.rules import applications as rules
from local_aws.serverless.service import Service

Json = dict[str, Any]
# What of a request is not the application's.
_OWN: Final = frozenset({"applicationId", "clientToken", "tags"})


def create_application(service: Service, request: Request) -> Json:
    """Create an application; the same request with the same token creates none again."""
    made = service.tokens.find("CreateApplication", request, refusals.conflict())
    if made is None:
        kept = {name: value for name, value in request.items() if name not in _OWN}
        rules.check(kept)
        now = service.world.now
        application = Application(
            service.world.ids.next(), rules.with_defaults(kept), now, now, tags=dict(request.get("tags", {}))
        )
        service.applications.create(application)
        made = application.id
        service.tokens.keep("CreateApplication", request, made)
    name = {"name": request["name"]} if "name" in request else {}
    return {"applicationId": made, "arn": service.world.application_arn(made), **name}


def get_application(service: Service, request: Request) -> Json:
    """Show an application, also one that is deleted."""
    return {"application": views.application(service.world, service.account.application(request))}


def list_applications(service: Service, request: Request) -> Json:
    """List applications, the newest first; those that are deleted only where they are asked for.

    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications.html#application-states
    """
    states = request.get("states")
    every = reversed(service.account.applications.values())
    wanted = grouped([one for one in every if states or one.state != "TERMINATED"], states)
    found, more = page(wanted, request)
    return {"applications": [views.application_summary(service.world, one) for one in found], **more}


def start_application(service: Service, request: Request) -> Json:
    """Start an application."""
    service.applications.start(service.account.application(request))
    return {}


def stop_application(service: Service, request: Request) -> Json:
    """Stop an application without job runs."""
    service.applications.stop(service.account.application(request))
    return {}


def delete_application(service: Service, request: Request) -> Json:
    """Delete an application that is created or stopped."""
    service.applications.delete(service.account.application(request))
    return {}


def update_application(service: Service, request: Request) -> Json:
    """Change an application that is created or stopped; the same request with the same token changes nothing again.

    https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_UpdateApplication.html
    """
    application = service.account.application(request)
    refusal = validation(guesses.TOKEN_CONFLICT)
    if service.tokens.find("UpdateApplication", request, refusal) is None:
        if application.state not in MODIFIABLE:
            raise refusals.wrong_state("UPDATED", *MODIFIABLE)
        changed = {name: value for name, value in request.items() if name not in _OWN}
        wanted = {**application.request, **changed}
        rules.check(wanted)
        application.request = rules.with_defaults(wanted)
        application.updated_at = service.world.now
        service.world.say(application.id, "UPDATED")
        service.tokens.keep("UpdateApplication", request, application.id)
    return {"application": views.application(service.world, application)}
