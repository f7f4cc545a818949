"""One embedded AWS after the other in a process, as in a run of many test files."""

from pathlib import Path

from local_aws.server import Settings
from tests.local_aws import buckets
from tests.local_aws.embedded import FAST, embedded


def test_buckets_go_with_the_one_that_they_were_made_in(tmp_path: Path) -> None:
    settings = Settings(durations=FAST)
    with embedded(tmp_path / "outer", settings) as outer:
        outer.s3.create_bucket(Bucket="embedded-outer")
        with embedded(tmp_path / "inner", settings) as inner:
            inner.s3.create_bucket(Bucket="embedded-inner")
            inner.s3.put_bucket_versioning(
                Bucket="embedded-inner", VersioningConfiguration={"Status": "Enabled"}
            )
            for body in (b"1", b"2"):
                inner.s3.put_object(Bucket="embedded-inner", Key="k", Body=body)
            inner.s3.delete_object(Bucket="embedded-inner", Key="k")
        assert {"embedded-outer", "embedded-inner"}.intersection(buckets.names(outer.s3)) == {
            "embedded-outer"
        }
