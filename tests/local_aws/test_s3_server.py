"""The S3 server of the tests is one that S3A talks to, writes down what comes, and fails when told to."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pyspark.sql import SparkSession

from local_aws.s3_server import KEY, REGION, SECRET, Faults, S3Server


def test_rows_go_to_s3_and_come_back(spark: SparkSession, s3: S3Server, bucket: str) -> None:
    spark.range(3).write.parquet(f"s3://{bucket}/numbers")
    assert spark.read.parquet(f"s3://{bucket}/numbers").count() == 3
    assert any(key.endswith(".parquet") for key in s3.keys(bucket, "numbers/"))


def test_delta_tables_are_written_and_read(delta: SparkSession, bucket: str) -> None:
    delta.range(3).write.format("delta").save(f"s3://{bucket}/numbers")
    assert delta.read.format("delta").load(f"s3://{bucket}/numbers").count() == 3


def test_requests_are_written_down_by_what_they_do(s3: S3Server, bucket: str) -> None:
    key = "a b/100%+ü.txt"
    with s3.record(bucket) as requests:
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"x")
        s3.client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
        s3.client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}]})
        s3.client.list_objects_v2(Bucket=bucket)
    kinds = ["PutObject", "CopyObject", "DeleteObjects", "ListObjects"]
    assert [(request.kind, request.status) for request in requests] == [(kind, 200) for kind in kinds]
    assert requests[0].key == key


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError")])
def test_the_next_requests_of_a_kind_fail_and_no_other(
    s3: S3Server, bucket: str, status: int, code: str
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=s3.url,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}),
    )
    with s3.failing(
        Faults(statuses=(status,), count=1, wanted=lambda request: request.kind == "PutObject")
    ) as faults:
        assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
        with pytest.raises(ClientError, match=code):
            client.put_object(Bucket=bucket, Key="k", Body=b"x")
        client.put_object(Bucket=bucket, Key="k", Body=b"x")
    client.close()
    assert faults.injected == 1
    assert s3.keys(bucket) == ["k"]


def test_a_rate_strikes_as_often_as_it_says_and_the_same_requests_for_the_same_seed(
    s3: S3Server, bucket: str
) -> None:
    with s3.record(bucket) as requests:
        s3.client.list_objects_v2(Bucket=bucket)

    def draw(seed: int) -> list[int | None]:
        faults = Faults(rate=0.3, seed=seed)
        return [faults.strike(requests[0]) for _ in range(1000)]

    assert draw(1) == draw(1) != draw(2)
    assert 250 < 1000 - draw(1).count(None) < 350
