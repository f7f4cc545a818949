"""The launcher of bootstrap actions, as a process: with an `aws` that is none, and on the embedded AWS."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.emr.entities import Cluster, Status
from local_aws.emr.world import Outcome
from local_aws.running import bootstrap_work
from local_aws.running.memory import Memory
from local_aws.running.work import Work
from local_aws.running.workshop import Workshop
from local_aws.s3_server import KEY, SECRET, S3Server
from orchestrator.packaging.bootstrap import with_bootstrap
from orchestrator.packaging.deploy import deploy

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "bootstrap" / "verified.sh"
URI = "s3://lake/artifacts/ab/reader.sh"
SHOW = """#!/bin/bash
echo "$(basename "$0") $(stat -c %a "$0" "$(dirname "$0")" | tr "\\n" " ")"
printf "<%s>" "$@"
exit 7
"""
HOSTILE = [
    "$(touch owned)",
    "`touch owned`",
    "; touch owned",
    "'",
    '"',
    "a b",
    "",
    "*",
    "-x",
    "ü😀",
    "a\nb",
    "\\",
]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Make a PATH with an `aws` that copies a file, and says how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (
        "env",
        "bash",
        "mktemp",
        "rm",
        "cp",
        "chmod",
        "sha256sum",
        "stat",
        "basename",
        "dirname",
        "tr",
    ):
        (folder / name).symlink_to(
            next(path for path in (Path("/bin"), Path("/usr/bin")) if (path / name).exists()) / name
        )
    program(
        folder / "aws", '#!/bin/bash\nprintf "%s\\n" "$@" >"$HOME/called"\ncp "$HOME/object" "${@: -1}"\n'
    )
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def run(tools: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    home = tools.parent
    (home / "tmp").mkdir(exist_ok=True)
    return subprocess.run(
        [LAUNCHER, *arguments],
        env={"PATH": str(tools), "HOME": str(home), "TMPDIR": str(home / "tmp"), **variables},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_script_with_its_hash_runs_in_private_with_its_arguments_and_its_exit_code_is_the_end(
    tools: Path,
) -> None:
    (tools.parent / "object").write_text(SHOW, encoding="utf-8")
    done = run(tools, URI, sha256(SHOW), *HOSTILE)
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == "reader.sh 700 700 \n" + "".join(f"<{each}>" for each in HOSTILE)
    assert not (tools.parent / "owned").exists()
    assert list((tools.parent / "tmp").iterdir()) == []
    called = (tools.parent / "called").read_text().splitlines()
    assert called[:4] == ["s3", "cp", "--only-show-errors", URI]


def test_an_endpoint_that_is_set_is_the_one_that_is_asked(tools: Path) -> None:
    (tools.parent / "object").write_text(SHOW, encoding="utf-8")
    assert run(tools, URI, sha256(SHOW), AWS_ENDPOINT_URL="http://127.0.0.1:1").returncode == 7
    called = (tools.parent / "called").read_text().splitlines()
    assert called[2:6] == ["--only-show-errors", "--endpoint-url", "http://127.0.0.1:1", URI]


def test_a_script_that_is_another_is_not_run(tools: Path) -> None:
    (tools.parent / "object").write_text("#!/bin/bash\ntouch owned\n", encoding="utf-8")
    done = run(tools, URI, sha256(SHOW))
    met = sha256("#!/bin/bash\ntouch owned\n")
    assert done.returncode == 65
    assert done.stderr == (
        f"verified.sh: {URI}: expected SHA-256 {sha256(SHOW)}, got {met}; it was not run. Deploy it again\n"
    )
    assert not (tools.parent / "owned").exists()
    assert list((tools.parent / "tmp").iterdir()) == []


def test_a_script_that_cannot_be_fetched_says_so(tools: Path) -> None:
    done = run(tools, URI, sha256(SHOW))
    assert done.returncode == 69
    assert "No such file" in done.stderr
    told = (
        f"verified.sh: {URI}: cannot be fetched, see above; the instance profile needs s3:GetObject on it\n"
    )
    assert done.stderr.endswith(told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "expected s3://BUCKET/KEY SHA256 [ARG...], got 0 arguments"),
        ([URI], "expected s3://BUCKET/KEY SHA256 [ARG...], got 1 arguments"),
        (["/etc/passwd", "0" * 64], "expected s3://BUCKET/KEY of a script, got '/etc/passwd'"),
        (["--help", "0" * 64], "expected s3://BUCKET/KEY of a script, got '--help'"),
        (["s3://lake/a/..", "x"], "expected a SHA-256 in 64 hexadecimal digits, got 'x'"),
        (["s3://lake/a/$(x)", "0" * 64], "expected s3://BUCKET/KEY of a script, got 's3://lake/a/$(x)'"),
        ([URI, "0" * 63], f"expected a SHA-256 in 64 hexadecimal digits, got '{'0' * 63}'"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_fetched(
    tools: Path, arguments: list[str], told: str
) -> None:
    done = run(tools, *arguments)
    assert (done.returncode, done.stderr) == (64, f"verified.sh: {told}\n")
    assert not (tools.parent / "called").exists()


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


@pytest.mark.parametrize("is_changed", [False, True])
def test_on_the_embedded_aws_a_deployed_script_runs_unless_it_was_changed(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_changed: bool
) -> None:
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    for folder in (checkout / "jobs", checkout / "bootstrap", tools):
        folder.mkdir(parents=True)
    (checkout / "jobs/__init__.py").write_text('__version__ = "1"\n', encoding="utf-8")
    (checkout / "bootstrap/verified.sh").write_bytes(LAUNCHER.read_bytes())
    (checkout / "bootstrap/hello.sh").write_text('#!/bin/bash\nprintf "<%s>" "$@"\n', encoding="utf-8")
    # As on a laptop where no aws is installed.
    program(tools / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
    bucket = server.new_bucket()
    artifacts = deploy(server.client, bucket, checkout).artifacts
    if is_changed:
        key = artifacts.bootstrap["bootstrap/hello.sh"].uri.removeprefix(f"s3://{bucket}/")
        server.client.put_object(Bucket=bucket, Key=key, Body=b"#!/bin/bash\necho owned\n")
    action = {"Name": "hello", "ScriptBootstrapAction": {"Path": "bootstrap/hello.sh", "Args": HOSTILE}}
    outcome = bootstrapped(server, tmp_path, with_bootstrap({"BootstrapActions": [action]}, artifacts))
    assert outcome == Outcome(65 if is_changed else 0)
    told = (tmp_path / "w/stdout").read_text(encoding="utf-8")
    assert told == ("" if is_changed else "".join(f"<{each}>" for each in HOSTILE))


def test_a_cluster_with_the_fast_readers_action_starts_on_the_embedded_aws_and_changes_no_laptop(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    artifacts = deploy(server.client, server.new_bucket(), ROOT).artifacts
    action = {"Name": "fast reader", "ScriptBootstrapAction": {"Path": "bootstrap/fast_reader.sh"}}
    request = with_bootstrap({"BootstrapActions": [action]}, artifacts)
    assert bootstrapped(server, tmp_path, request) == Outcome(0)
    told = (tmp_path / "w/stdout").read_text(encoding="utf-8")
    assert "no node of Amazon EMR: nothing was installed" in told


def bootstrapped(server: S3Server, folder: Path, request: dict[str, object]) -> Outcome:
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    shop = Workshop(folder, server.url, server.client, keys, lambda do: do(), 0, 0, Memory(1))
    cluster = Cluster("j-1", request, Status("BOOTSTRAPPING", 0), True, False, 1, {})
    told: list[Outcome] = []
    work = Work(folder / "w", lambda work: bootstrap_work.run(shop, cluster, 1, work), told.append)
    work.begin()
    work.join()
    return told[0]
