"""What a command works with: an account or the embedded AWS, and whose state is meant."""

from pathlib import Path

import pytest

from local_aws.server import Settings
from orchestrator.aws.faults import RefusedCallError
from orchestrator.commands.context import bucket_name, context
from orchestrator.errors import UsageError
from tests.local_aws.embedded import embedded
from tests.orchestrator.aws.pretended import client_error


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


def test_outside_us_east_1_the_bucket_of_the_embedded_aws_is_made_with_its_constraint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded(tmp_path, Settings()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        # Moto keeps one account a process: another test may have made the default bucket.
        monkeypatch.setattr("orchestrator.commands.context.LOCAL_BUCKET", "bucket-of-eu")
        found = context(local=True, profile=None, region=None, bucket=None)
        for _ in range(2):
            found.ensure_bucket()
        assert found.s3.get_bucket_location(Bucket="bucket-of-eu")["LocationConstraint"] == "eu-west-1"


def test_a_bucket_that_cannot_be_made_is_told_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded(tmp_path, Settings()) as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.aws.url)
        found = context(local=True, profile=None, region=None, bucket=None)

        def refused(**_: object) -> None:
            raise client_error("TooManyBuckets", "too many")

        monkeypatch.setattr(found.s3, "create_bucket", refused)
        with pytest.raises(
            RefusedCallError, match=r"^S3 CreateBucket emr-job-suite: TooManyBuckets: too many"
        ):
            found.ensure_bucket()


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
