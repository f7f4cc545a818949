"""S3 in memory: what it lists; that it behaves as S3 does is tests/orchestrator/aws/test_store.py's contract."""

import pytest
from botocore.exceptions import ClientError

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3


def test_keys_are_listed_by_prefix_and_objects_read_back() -> None:
    s3 = MemoryS3()
    for key in ("b/2", "b/1", "a/1"):
        s3.put_object(Bucket="any", Key=key, Body=key.encode())
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="any", Prefix="b/")["Contents"]] == [
        "b/1",
        "b/2",
    ]
    assert s3.get_object(Bucket="any", Key="a/1")["Body"].read() == b"a/1"


@pytest.mark.parametrize(
    ("condition", "code"),
    [({"IfNoneMatch": "*"}, "PreconditionFailed"), ({"IfMatch": '"other"'}, "PreconditionFailed")],
)
def test_a_write_whose_condition_does_not_hold_changes_nothing(condition: dict[str, str], code: str) -> None:
    s3 = MemoryS3()
    s3.put_object(Bucket="any", Key="k", Body=b"1")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="any", Key="k", Body=b"2", **condition)
    assert refused.value.response["Error"]["Code"] == code
    assert s3.objects == {"k": b"1"}
