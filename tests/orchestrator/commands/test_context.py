"""What a command works with: an account or the embedded AWS, and whose state is meant."""

from pathlib import Path

import pytest

from local_aws.server import Settings
from orchestrator.commands.context import bucket_name, context
from orchestrator.errors import UsageError
from tests.local_aws.embedded import embedded


@pytest.mark.parametrize(
    ("given", "is_local", "name"),
    [
        ("mine", False, "mine"),
        ("mine", True, "mine"),
        (None, True, "emr-job-suite"),
        ("", True, "emr-job-suite"),
    ],
)
def test_the_bucket_is_the_named_one_or_that_of_the_embedded_aws(
    given: str | None, is_local: bool, name: str
) -> None:
    assert bucket_name(given, is_local=is_local) == name


def test_without_a_bucket_nothing_is_ours() -> None:
    with pytest.raises(UsageError) as raised:
        bucket_name(None, is_local=False)
    assert str(raised.value) == (
        "no bucket: expected the one with our state, which names whose clusters are ours: --bucket NAME, or "
        "EMR_JOB_SUITE_BUCKET; with --local it is emr-job-suite"
    )


@pytest.mark.parametrize("given", ["s3://mine", "mine/path", "Mine", "ab", "a" * 64, "-mine", "mine\n"])
def test_what_cannot_be_a_bucket_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="--bucket: expected a bucket's name, 3 to 63 of a-z"):
        bucket_name(given, is_local=False)


def test_local_commands_talk_to_the_embedded_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(tmp_path, Settings()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        found = context(local=True, profile=None, region=None, bucket="bucket-of-the-context")
        cluster = aws.launch()
        assert [each["Id"] for each in found.emr.clusters(found.until(60))] == [cluster]
        assert (found.owner, found.account.is_local) == ("bucket-of-the-context", True)
        found.s3.create_bucket(Bucket="bucket-of-the-context")
        assert found.store.create("a.json", b"{}", found.until(60)) is not None
        assert aws.keys("bucket-of-the-context") == ["_state/a.json"]
