from typing import Any

import pytest

from orchestrator.errors import UsageError
from orchestrator.packaging.artifacts import Artifacts, BootstrapArtifact
from orchestrator.packaging.bootstrap import Script, bootstrap_actions, with_bootstrap

ARTIFACTS = Artifacts(
    "s3://lake/artifacts/a/p.zip",
    {},
    {
        "bootstrap/verified.sh": BootstrapArtifact("s3://lake/artifacts/v/verified.sh", "5" * 64),
        "bootstrap/reader.sh": BootstrapArtifact("s3://lake/artifacts/r/reader.sh", "7" * 64),
    },
)
VERIFIED: dict[str, Any] = {
    "Name": "reader",
    "ScriptBootstrapAction": {
        "Path": "s3://lake/artifacts/v/verified.sh",
        "Args": ["s3://lake/artifacts/r/reader.sh", "7" * 64, "--with", "$(x) 'y'"],
    },
}


def action(name: str, path: str, *arguments: str) -> dict[str, Any]:
    script: dict[str, Any] = {"Path": path}
    return {"Name": name, "ScriptBootstrapAction": script | ({"Args": list(arguments)} if arguments else {})}


def test_a_script_is_run_by_the_launcher_with_its_hash() -> None:
    script = Script("reader", "bootstrap/reader.sh", ("--with", "$(x) 'y'"))
    assert bootstrap_actions([script], ARTIFACTS) == [VERIFIED]


def test_own_scripts_of_a_request_are_rewritten_and_others_stay_in_their_order() -> None:
    other, plain = action("other", "s3://x/y.sh", "1"), action("plain", "bootstrap/reader.sh")
    own = action("reader", "bootstrap/reader.sh", "--with", "$(x) 'y'")
    request = {"Name": "c", "BootstrapActions": [other, own, plain]}
    made = with_bootstrap(request, ARTIFACTS)
    assert made["Name"] == "c"
    assert made["BootstrapActions"][:2] == [other, VERIFIED]
    assert made["BootstrapActions"][2]["ScriptBootstrapAction"]["Args"] == [
        "s3://lake/artifacts/r/reader.sh",
        "7" * 64,
    ]
    assert request["BootstrapActions"] == [other, own, plain]


def test_a_request_without_scripts_is_the_same() -> None:
    assert with_bootstrap({"Name": "c"}, ARTIFACTS) == {"Name": "c"}


@pytest.mark.parametrize("path", ["bootstrap/raeder.sh", "bootstrap/../jobs/x.py", "bootstrap/verified.sh"])
def test_a_script_that_is_not_the_repositorys_is_refused(path: str) -> None:
    request = {"BootstrapActions": [action("one", path), action("two", "bootstrap/")]}
    with pytest.raises(UsageError) as refused:
        with_bootstrap(request, ARTIFACTS)
    accepted = "expected a script of the repository (bootstrap/reader.sh) or s3://…"
    assert str(refused.value).splitlines() == [
        f"BootstrapActions 'one': {accepted}, got {path!r}",
        f"BootstrapActions 'two': {accepted}, got 'bootstrap/'",
    ]
