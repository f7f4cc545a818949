"""The environment with which every client of AWS talks to the embedded one alone, and that of its server."""

import shlex
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = "127.0.0.1"
_SERVICE_ENDPOINT: Final = "AWS_ENDPOINT_URL_"
# A session's leftovers next to our key, and profiles, which may not exist or bring an endpoint of their own.
_NEVER_SET: Final = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
)
_PROXIES: Final = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


def variables(url: str, region: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what to set; of the present environment only proxies matter, which are told to leave loopback alone."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local-aws-dummy-key",
        "AWS_SECRET_ACCESS_KEY": "local-aws-dummy-secret",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Stands above the same settings of a profile: with them calls would go to the real AWS, or be refused.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_USE_FIPS_ENDPOINT": "false",
        "AWS_USE_DUALSTACK_ENDPOINT": "false",
        **_past_proxies(urlsplit(url).hostname or "", environment),
    }


def in_the_way(environment: Mapping[str, str]) -> list[str]:
    """Name what to unset: what would add to our credentials, and endpoints of single services, which come first."""
    single = [name for name in environment if name.startswith(_SERVICE_ENDPOINT) and name.isidentifier()]
    return [*_NEVER_SET, *sorted(single)]


def of_server(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the present environment without anything of AWS: no step may reach a real account by it."""
    rest = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return {**rest, **_past_proxies(_LOOPBACK, environment)}


def shell_lines(to_set: Mapping[str, str], to_unset: list[str]) -> str:
    """Write lines for any POSIX shell, to be read by `eval`."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in to_set.items()]
    return "\n".join([f"unset {' '.join(to_unset)}", *exports]) + "\n"


def _past_proxies(host: str, environment: Mapping[str, str]) -> dict[str, str]:
    exceptions = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    known = {each.strip() for each in exceptions.split(",")}
    if known & {host, "*"} or not any(environment.get(name) for name in _PROXIES):
        return {}
    extended = f"{exceptions},{host}" if exceptions else host
    return {"no_proxy": extended, "NO_PROXY": extended}
