"""boto3 clients of an account, or of the embedded AWS of this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from orchestrator.aws.patience import READ_S, READING, WRITING
from orchestrator.errors import UsageError
from orchestrator.local import environment
from orchestrator.local.place import Place, place_of
from orchestrator.local.server import Absent, Status, look

__all__ = ["READING", "READ_S", "WRITING", "Account", "account", "local_account"]
_PATH_STYLE: Final = Config(s3={"addressing_style": "path"})
# Within the bound that --local puts on a call that writes: orchestrator.commands.asking.LOCAL_BOUNDS.
_QUICK: Final = Config(s3={"addressing_style": "path"}, connect_timeout=1, read_timeout=8)


@dataclass(frozen=True)
class Account:
    """Where calls go: an AWS account in a Region, or the embedded AWS (`endpoint`)."""

    session: Any
    endpoint: str | None = None

    @property
    def is_local(self) -> bool:
        """Tell whether it is the embedded AWS."""
        return self.endpoint is not None

    @property
    def region(self) -> str:
        """Return the name of the Region."""
        return str(self.session.region_name)

    def client(self, service: str, config: Config = READING) -> Any:
        """Return a client of a service."""
        if self.is_local:
            config = config.merge(_PATH_STYLE if config is READING else _QUICK)
        return self.session.client(service, endpoint_url=self.endpoint, config=config)


def account(profile: str | None, region: str | None) -> Account:
    """Return the account that the environment, or a profile, names.

    Raises:
        UsageError: There is no such profile, or no Region.
    """
    try:
        # Of the Region's variables boto3 knows AWS_DEFAULT_REGION only.
        session = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))
    except BotoCoreError as error:
        raise UsageError(
            f"--profile {profile}: {error}; aws configure list-profiles names those there are"
        ) from error
    if not session.region_name:
        raise UsageError("no AWS Region: name it by --region, AWS_REGION, or in the profile")
    return Account(session)


def local_account(environ: Mapping[str, str] = os.environ) -> Account:
    """Return the embedded AWS: that of the environment's AWS_ENDPOINT_URL on this machine, or the default one.

    Raises:
        UsageError: None runs.
    """
    if is_embedded(environ):
        return _embedded(environ["AWS_ENDPOINT_URL"], environ.get("AWS_REGION") or "us-east-1")
    place = place_of(None, environ)
    found = look(place)
    if isinstance(found, Absent):
        raise UsageError(_nothing_runs(place, found))
    return _of(found)


def is_embedded(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the environment names an embedded AWS of this machine, as that of its own functions does."""
    return environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:")


def _of(status: Status) -> Account:
    return _embedded(status.url, status.region)


def _embedded(url: str, region: str) -> Account:
    variables = environment.variables(url, region, {})
    session = boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
    )
    return Account(session, url)


def _nothing_runs(place: Place, found: Absent) -> str:
    return (
        f"--local: no embedded AWS runs in {place.folder}: {found.reason}; start it: "
        f"{place.command('up')}; or, for one in another folder, evaluate what its `up` prints"
    )
