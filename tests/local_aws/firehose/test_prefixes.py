"""Prefixes, by the examples and rules of AWS's documentation."""

from datetime import UTC, datetime

import pytest

from local_aws.api.errors import AwsError
from local_aws.firehose.prefixes import MissingKeyError, Prefix, prefixes

AT = datetime(2018, 8, 27, 10, 30, tzinfo=UTC)


def evaluated(prefix: Prefix) -> str:
    return prefix.evaluate(AT, lambda: "5abf82daaa5", {}, "processing-failed")


@pytest.mark.parametrize(
    ("given", "error", "expected"),
    [
        (
            "",
            "myFirehoseFailures/!{firehose:error-output-type}/",
            ("2018/08/27/10/", "myFirehoseFailures/processing-failed/"),
        ),
        (
            "myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}",
            "myFirehoseFailures/!{firehose:error-output-type}/!{timestamp:yyyy}/anyMonth/!{timestamp:dd}",
            (
                "myFirehose/DeliveredYear=2018/anyMonth/rand=5abf82daaa5",
                "myFirehoseFailures/processing-failed/2018/anyMonth/27",
            ),
        ),
        (
            "myPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
            "myErrorPrefix/year=!{timestamp:yyyy}/!{firehose:error-output-type}",
            (
                "myPrefix/year=2018/month=08/day=27/hour=10/",
                "myErrorPrefix/year=2018/processing-failed",
            ),
        ),
        (
            "myFirehosePrefix/",
            None,
            ("myFirehosePrefix/2018/08/27/10/", "myFirehosePrefix/processing-failed/2018/08/27/10/"),
        ),
        ("", None, ("2018/08/27/10/", "processing-failed/2018/08/27/10/")),
        ("a/", "bad/", ("a/2018/08/27/10/", "bad/processing-failed/2018/08/27/10/")),
        (
            "!{timestamp:'at'yyyy-DDD'T'HH''mm}/",
            "!{firehose:error-output-type}",
            ("at2018-239T10'30/", "processing-failed"),
        ),
    ],
)
def test_prefixes_are_those_of_the_documentation(
    given: str, error: str | None, expected: tuple[str, str]
) -> None:
    prefix, error_prefix = prefixes(given, error, is_partitioned=False)
    assert (evaluated(prefix), evaluated(error_prefix)) == expected


@pytest.mark.parametrize(
    ("given", "error", "is_partitioned", "message"),
    [
        (
            "!{timestamp:yyyy/MM/dd}",
            None,
            False,
            "ErrorOutputPrefix can't be null when Prefix contains expressions",
        ),
        ("!{firehose:error-output-type}/", "x", False, "Prefix can't contain !{firehose:error-output-type}"),
        ("", "!{timestamp:yyyy}/", False, "ErrorOutputPrefix must contain !{firehose:error-output-type}"),
        ("a!{b", "x", False, "the sequence !{ can only appear in !{namespace:value} expressions"),
        ("!{time:yyyy}", "x", False, "time is not a valid namespace"),
        ("!{firehose:uuid}", "x", False, "!{firehose:uuid} is not a valid expression"),
        ("!{timestamp:yyyyy}", "x", False, "the embedded Firehose knows yyyy"),
        ("!{timestamp:EEE}", "x", False, "got EEE"),
        ("a/", "x", True, "Prefix must contain partition keys when dynamic partitioning is enabled"),
        ("!{partitionKeyFromLambda:a}", "x", False, "only when dynamic partitioning is enabled"),
        ("!{partitionKeyFromQuery:a}", "x", True, "not served by the embedded Firehose"),
        (
            "!{partitionKeyFromLambda:a}",
            "!{partitionKeyFromLambda:a}",
            True,
            "ErrorOutputPrefix can't contain partition keys",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(
    given: str, error: str | None, is_partitioned: bool, message: str
) -> None:
    with pytest.raises(AwsError) as fault:
        prefixes(given, error, is_partitioned=is_partitioned)
    assert fault.value.code == "InvalidArgumentException"
    assert message in fault.value.message


def test_partition_keys_come_from_the_function() -> None:
    prefix, _ = prefixes(
        "d=!{partitionKeyFromLambda:device}/!{timestamp:dd}/",
        "!{firehose:error-output-type}",
        is_partitioned=True,
    )
    assert prefix.keys == {"device"}
    assert prefix.evaluate(AT, str, {"device": "x/1"}) == "d=x/1/27/"
    for keys, message in (
        ({}, "partition key device has no value"),
        ({"device": "x" * 512}, "longer than 512"),
    ):
        with pytest.raises(MissingKeyError, match=message):
            prefix.evaluate(AT, str, keys)
