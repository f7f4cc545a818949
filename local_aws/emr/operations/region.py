"""Operations on what belongs to no cluster: security configurations and release labels."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from local_aws.emr import views
from local_aws.emr.account import Account, Request, page
from local_aws.emr.entities import Json
from local_aws.emr.errors import invalid_request
from local_aws.emr.guesses import BAD_SECURITY_CONFIGURATION
from local_aws.emr.rules.clusters import NO_SECURITY_CONFIGURATION
from local_aws.emr.rules.releases import INVALID_LABEL

_PAGE: Final = 50
_RELEASES: Final = Path(__file__).resolve().parents[3] / "cluster_configs" / "catalog" / "releases.json"


def create_security_configuration(account: Account, request: Request) -> dict[str, Json]:
    """Keep a security configuration under a name."""
    name, text = request["Name"], request["SecurityConfiguration"]
    if name in account.security_configurations:
        raise invalid_request(f"SecurityConfiguration with name '{name}' already exists.")
    try:
        json.loads(text)
    except ValueError as fault:
        raise invalid_request(BAD_SECURITY_CONFIGURATION.format(fault=fault)) from fault
    account.security_configurations[name] = (account.world.now, text)
    return {"Name": name, "CreationDateTime": views.seconds(account.world.now)}


def describe_security_configuration(account: Account, request: Request) -> dict[str, Json]:
    """Return a security configuration."""
    name = request["Name"]
    created, text = _security_configuration(account, name)
    return {"Name": name, "SecurityConfiguration": text, "CreationDateTime": views.seconds(created)}


def delete_security_configuration(account: Account, request: Request) -> dict[str, Json]:
    """Forget a security configuration; clusters that have it keep it."""
    _security_configuration(account, request["Name"])
    del account.security_configurations[request["Name"]]
    return {}


def list_security_configurations(account: Account, request: Request) -> dict[str, Json]:
    """List the names of security configurations."""
    told = [
        {"Name": name, "CreationDateTime": views.seconds(created)}
        for name, (created, _) in account.security_configurations.items()
    ]
    found, marker = page(told, request, _PAGE)
    return {"SecurityConfigurations": found, **marker}


def _security_configuration(account: Account, name: str) -> tuple[int, str]:
    if name not in account.security_configurations:
        raise invalid_request(NO_SECURITY_CONFIGURATION.format(name=name))
    return account.security_configurations[name]


@cache
def _releases() -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = json.loads(_RELEASES.read_text(encoding="utf-8"))["releases"]
    return told


def list_release_labels(_account: Account, request: Request) -> dict[str, Json]:
    """List the releases that this Amazon EMR can run."""
    prefix = request.get("Filters", {}).get("Prefix", "")
    return {"ReleaseLabels": [label for label in _releases() if label.startswith(prefix)]}


def describe_release_label(_account: Account, request: Request) -> dict[str, Json]:
    """Tell of a release."""
    label = request.get("ReleaseLabel")
    if label not in _releases():
        raise invalid_request(INVALID_LABEL.format(label=label))
    versions = _releases()[label]
    applications = [
        {"Name": "Hadoop", "Version": versions["pyspark_hadoop"]},
        {"Name": "Spark", "Version": versions["spark"]},
    ]
    return {"ReleaseLabel": label, "Applications": applications}
