"""What docs/operations.md shows is run to the letter against the embedded AWS, but for ids, which are the test's."""

import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from benchmarks.emr_chaos.requests import launch_request
from local_aws.server import Settings
from orchestrator.cli import app
from orchestrator.commands.context import LOCAL_BUCKET
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from tests.local_aws.embedded import FAST, embedded

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.replace("\\\n", "").splitlines()
]
# What this machine cannot run: it has logs at once, and no Spark is started for it.
REFUSED = {
    "Name": "first",
    "ActionOnFailure": "CONTINUE",
    "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["hive-script"]},
}
OURS = [line for line in COMMANDS if line.startswith("orchestrator ")]


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(tmp_path, Settings(durations=FAST, log_delay_s=0.1)) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        if LOCAL_BUCKET not in [each["Name"] for each in aws.s3.list_buckets()["Buckets"]]:
            aws.s3.create_bucket(Bucket=LOCAL_BUCKET)
        request = launch_request(
            named("nightly", Token("a" * 20)),
            steps=[REFUSED],
            Tags=Ownership(LOCAL_BUCKET).tags(),
            LogUri=f"s3://{LOCAL_BUCKET}/logs",
        )
        cluster = aws.emr.run_job_flow(**request)["JobFlowId"]
        step_id = aws.emr.list_steps(ClusterId=cluster)["Steps"][0]["Id"]
        aws.until(lambda: aws.steps(cluster) == {"first": "FAILED"})
        assert "hive-script" in aws.log(LOCAL_BUCKET, f"logs/{cluster}/steps/{step_id}/controller.gz")
        ids = {"j-EXAMPLECLUSTER": cluster, "s-EXAMPLESTEP": step_id}
        for line in OURS:
            words = [ids.get(word, word) for word in shlex.split(line)[1:]]
            result = CliRunner().invoke(app, [*words, "--local"])
            # A machine without Java misses that, and doctor says so.
            assert result.exit_code in ((0, 2) if words[0] == "doctor" else (0,)), (line, result.output)
            assert words[0] != "logs" or f"==> s3://{LOCAL_BUCKET}/logs/{cluster}/steps/" in result.stdout
        assert aws.until_end(cluster) == ("TERMINATED", "USER_REQUEST")
    verbs = [line.split()[1] for line in OURS]
    assert set(verbs) == {"list", "logs", "terminate", "reap", "doctor"}


def test_the_zip_of_the_page_holds_the_function_that_lambda_calls(tmp_path: Path) -> None:
    [line] = [each for each in COMMANDS if each.startswith("python ")]
    target = tmp_path / "reaper.zip"
    words = [str(target) if word == target.name else word for word in shlex.split(line)[1:]]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
    with zipfile.ZipFile(target) as made:
        assert "orchestrator/reaper_lambda.py" in made.namelist()
    called = (
        f"import sys; sys.path.insert(0, {str(target)!r}); "
        "from orchestrator import reaper_lambda; print(reaper_lambda.__file__)"
    )
    found = subprocess.run(
        [sys.executable, "-c", called], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(target))


def test_the_stack_is_deployed_with_the_parameters_that_it_has() -> None:
    [line] = [each for each in COMMANDS if each.startswith("aws cloudformation deploy")]
    words = shlex.split(line)
    template = YAML(typ="rt").load(ROOT / words[words.index("--template-file") + 1])
    given = {word.partition("=")[0] for word in words[words.index("--parameter-overrides") + 1 :]}
    needed = {name for name, each in template["Parameters"].items() if "Default" not in each}
    assert given == needed


def test_a_two_minute_reaper_is_what_the_page_and_the_stack_speak_of() -> None:
    assert "every two minutes" in PAGE
    assert "rate(2 minutes)" in (ROOT / "infrastructure" / "reaper.yaml").read_text(encoding="utf-8")
