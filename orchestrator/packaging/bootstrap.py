"""Bootstrap actions that run only what was deployed: a launcher on the node checks each script's SHA-256 first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.errors import UsageError
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.packaging.deploy import BOOTSTRAP

LAUNCHER: Final = f"{BOOTSTRAP}/verified.sh"


@dataclass(frozen=True)
class Script:
    """A script of this repository, by its path in it, and what it is given."""

    name: str
    path: str
    arguments: Sequence[str] = ()


def bootstrap_actions(scripts: Sequence[Script], artifacts: Artifacts) -> list[dict[str, Any]]:
    """Return bootstrap actions for RunJobFlow that run deployed scripts by the launcher.

    Raises:
        UsageError: With all scripts that are not deployed.
    """
    known = sorted(artifacts.bootstrap.keys() - {LAUNCHER})
    unknown = [script for script in scripts if script.path not in known]
    if unknown:
        raise UsageError(
            "\n".join(
                f"BootstrapActions {script.name!r}: expected a script of the repository "
                f"({', '.join(known) or 'there is none'}) or s3://…, got {script.path!r}"
                for script in unknown
            )
        )
    return [_action(script, artifacts) for script in scripts]


def with_bootstrap(request: Mapping[str, Any], artifacts: Artifacts) -> dict[str, Any]:
    """Return a RunJobFlow request whose own scripts (`bootstrap/…`) are run by the launcher; others stay as they are.

    Raises:
        UsageError: With all own scripts that are not deployed.
    """
    if "BootstrapActions" not in request:
        return dict(request)
    own = {at: _script(action) for at, action in enumerate(request["BootstrapActions"]) if is_own(action)}
    made = dict(zip(own, bootstrap_actions(list(own.values()), artifacts), strict=True))
    actions = [made.get(at, action) for at, action in enumerate(request["BootstrapActions"])]
    return {**request, "BootstrapActions": actions}


def is_own(action: Mapping[str, Any]) -> bool:
    """Tell a script of this repository from one that lies elsewhere."""
    return str(action["ScriptBootstrapAction"]["Path"]).startswith(f"{BOOTSTRAP}/")


def _script(action: Mapping[str, Any]) -> Script:
    script = action["ScriptBootstrapAction"]
    return Script(action["Name"], script["Path"], tuple(script.get("Args") or ()))


def _action(script: Script, artifacts: Artifacts) -> dict[str, Any]:
    deployed = artifacts.bootstrap[script.path]
    return {
        "Name": script.name,
        "ScriptBootstrapAction": {
            "Path": artifacts.bootstrap[LAUNCHER].uri,
            "Args": [deployed.uri, deployed.sha256, *script.arguments],
        },
    }
