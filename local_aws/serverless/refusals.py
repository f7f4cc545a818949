"""The errors that EMR Serverless answers with, beside `ValidationException`."""

from local_aws.api.errors import AwsError, validation
from local_aws.serverless import guesses


def conflict() -> AwsError:
    """Return what is told of a token that comes again with another request."""
    return AwsError("ConflictException", guesses.TOKEN_CONFLICT, 409)


def missing(message: str) -> AwsError:
    """Return what is told of a thing that is not there."""
    return AwsError("ResourceNotFoundException", message, 404)


def no_vcpus() -> AwsError:
    """Return what is told where the account may not have so many vCPUs."""
    return AwsError("ServiceQuotaExceededException", guesses.NO_VCPUS, 402)


def wrong_state(wanted: str, *states: str) -> AwsError:
    """Return what is told where an application would have to be in another state."""
    return validation(guesses.WRONG_STATE.format(wanted=wanted, states=", ".join(states)))
