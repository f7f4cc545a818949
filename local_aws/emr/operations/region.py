"""Operations on what belongs to no cluster: security configurations and release labels."""

import json
from typing import Final

from local_aws.api.errors import invalid_request
from local_aws.emr import catalog, views
from local_aws.emr.account import Account, Request, page
from local_aws.emr.entities import Json
from local_aws.emr.guesses import BAD_SECURITY_CONFIGURATION
from local_aws.emr.rules.clusters import NO_SECURITY_CONFIGURATION
from local_aws.emr.rules.releases import INVALID_LABEL

_PAGE: Final = 50
_MOST_LABELS: Final = 100


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


def list_release_labels(_account: Account, request: Request) -> dict[str, Json]:
    """List the releases that this Amazon EMR can run, the newest first, by the begin of their label and an application.

    A token holds for the filters that it was given for.
    """
    filters = request.get("Filters", {})
    found = [
        label
        for label in catalog.labels()
        if label.startswith(filters.get("Prefix", ""))
        and ("Application" not in filters or catalog.has_application(label, filters["Application"]))
    ]
    given = {"Filters": filters, "Marker": request.get("NextToken")}
    labels, marker = page(found, given, request.get("MaxResults", _MOST_LABELS))
    return {"ReleaseLabels": labels, **({"NextToken": marker["Marker"]} if marker else {})}


def describe_release_label(_account: Account, request: Request) -> dict[str, Json]:
    """Tell of a release."""
    label = request.get("ReleaseLabel")
    if label not in catalog.labels():
        raise invalid_request(INVALID_LABEL.format(label=label))
    return {"ReleaseLabel": label, "Applications": catalog.available(label)}
