"""All real CloudTrail files there are, held against figures and rows that were taken from the files by hand."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession

from jobs.cloudtrail_events import EVENTS
from tests.jobs.events import event_files, event_rows, run_events
from tests.jobs.running import Places, quarantine_files, query

pytestmark = pytest.mark.usefixtures("reader")

# Of events that two files hold, with differences; one row stays.
TWICE = 2
BY_DAY_AND_REGION = [
    ("2015-11-23", "us-east-1", 1),
    ("2016-02-11", "us-east-1", 3),
    ("2016-05-21", "us-west-1", 1),
    ("2016-06-04", "us-west-2", 1),
    ("2016-07-24", "us-east-1", 1),
    ("2020-06-04", "us-east-1", 1),
    ("2020-06-05", "us-east-1", 1),
    ("2022-02-07", "ap-southeast-2", 6),
    ("2022-07-11", "us-east-1", 1),
    ("2022-07-13", "us-east-1", 4),
    ("2022-11-09", "us-west-2", 1),
    ("2022-11-15", "us-east-1", 1),
    ("2023-06-03", "us-east-1", 1),
    ("2023-06-04", "us-east-1", 1),
    ("2023-07-10", "us-east-1", 2900),
    ("2023-11-03", "eu-west-2", 1),
    ("2023-11-05", "eu-west-2", 1),
    ("2024-03-23", "us-east-1", 1),
]


@pytest.fixture(scope="module")
def inputs(shared_data: Path) -> list[Path]:
    return [shared_data / "cloudtrail", shared_data / "aws_logs" / "aws_cloudtrail.jsonl"]


@pytest.fixture(scope="module")
def real(
    spark: SparkSession,
    inputs: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    reader: str,  # noqa: ARG001 - each sets it
) -> tuple[Places, dict[str, Any]]:
    places = Places(tmp_path_factory.mktemp("events"))
    return places, run_events(spark, places, inputs)


def test_every_event_and_every_file_that_is_none_is_accounted_for(
    real: tuple[Places, dict[str, Any]],
) -> None:
    places, manifest = real
    # 55 delivery files, 37 of EventBridge, 6 lines, and the licence of the delivery files.
    assert len(manifest["inputs"]) == 55 + 37 + 1 + 1
    assert manifest["rows"] == {
        "read": 2900 + 37 + 6 + 1,
        "accepted": 2900 + 23 + 6,
        "inserted": 2927,
        "updated": 0,
        "duplicates": TWICE,
        "quarantined": {"malformed_json": 1, "missing_eventID": 1, "not_a_cloudtrail_event": 13},
    }
    refused = query("SELECT reasons, count(*) FROM files GROUP BY 1 ORDER BY 2", quarantine_files(places))
    assert sorted(refused) == [
        (["malformed_json"], 1),
        (["missing_eventID", "missing_eventTime"], 1),
        (["not_a_cloudtrail_event"], 13),
    ]


def test_what_is_refused_is_there_byte_for_byte(real: tuple[Places, dict[str, Any]]) -> None:
    rows = query("SELECT source_object, position, raw FROM files", quarantine_files(real[0]))
    for source, position, raw in rows:
        assert position == 0
        assert raw == Path(source.removeprefix("file:")).read_bytes().rstrip()
    names = {Path(source).name for source, _, _ in rows}
    assert {"LICENSE.invictus", "event-scheduled.json", "sqs-discover.json"} <= names


def test_partitions_are_the_days_and_regions_of_the_events(real: tuple[Places, dict[str, Any]]) -> None:
    sql = "SELECT event_date::VARCHAR, region, count(*) FROM files GROUP BY ALL ORDER BY ALL"
    assert query(sql, event_files(real[0])) == BY_DAY_AND_REGION
    assert [(part["values"], part["rows"]) for part in real[1]["partitions"]] == [
        ({"event_date": day, "region": region}, rows) for day, region, rows in BY_DAY_AND_REGION
    ]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("count(DISTINCT event_id)", 2900),
        ("count(DISTINCT source_object)", 55),
        ("count(*) FILTER (event_source = 'ec2.amazonaws.com')", 892),
        ("count(*) FILTER (event_source = 'ssm.amazonaws.com')", 488),
        ("count(*) FILTER (event_name = 'Decrypt')", 178),
        ("count(*) FILTER (user_name = 'bert-jan')", 2642),
        ("count(*) FILTER (user_name IS NULL)", 152),
        ("count(user_type)", 2858),
        ("count(user_arn)", 2823),
        ("count(user_access_key_id)", 2816),
        ("count(user_session_context)", 674),
        ("count(user_invoked_by)", 353),
        ("count(*) FILTER (source_ip_address = '192.168.10.20')", 2154),
        ("count(error_code)", 300),
        ("count(error_message)", 296),
        ("count(*) FILTER (error_code = 'ThrottlingException')", 102),
        ("count(*) FILTER (read_only)", 2326),
        ("count(*) FILTER (NOT read_only)", 574),
        ("count(request_parameters)", 2567),
        ("count(response_elements)", 327),
        ("count(additional_event_data)", 310),
        ("count(service_event_details)", 2),
        ("sum(json_array_length(resources))", 739),
        ("count(resources)", 693),
        ("count(tls_details)", 2295),
        ("count(request_id)", 2895),
        ("count(shared_event_id)", 36),
        ("count(vpc_endpoint_id)", 155),
        # Eight more than as Python writes it: four numbers have an exponent, 1.68890570862E9, and keep it.
        ("sum(octet_length(encode(request_parameters)))", 329_832),
        ("sum(octet_length(encode(response_elements)))", 123_010),
        ("count(rescued)", 264),
        ('count(*) FILTER (rescued LIKE \'%"sessionCredentialFromConsole":"true"%\')', 256),
        ("count(*) FILTER (rescued LIKE '%\"apiVersion\":%')", 10),
        ("count(*) FILTER (hour(event_time AT TIME ZONE 'UTC') = 11)", 798),
        ("count(*) FILTER (hour(event_time AT TIME ZONE 'UTC') = 12)", 2102),
    ],
)
def test_figures_of_the_delivery_files(
    real: tuple[Places, dict[str, Any]], figure: str, expected: int
) -> None:
    sql = f"SELECT {figure} FROM files WHERE event_date = '2023-07-10'"  # noqa: S608 - figures of our own
    assert query(sql, event_files(real[0])) == [(expected,)]


DELIVERY = "cloudtrail/delivery/218007301253_CloudTrail_us-east-1_"
LOGIN = {
    "event_id": "70e5932e-9022-4b38-837e-ca10dad94eb7",
    "event_time": datetime(2023, 7, 10, 12, 23, 15, tzinfo=UTC),
    "region": "us-east-1",
    "event_source": "signin.amazonaws.com",
    "event_name": "ConsoleLogin",
    "event_type": "AwsConsoleSignIn",
    "event_category": "Management",
    "event_version": "1.08",
    "user_type": "IAMUser",
    "user_principal_id": "AIDATFQR7NSCYG26CT6RI",
    "user_arn": "arn:aws:iam::123837392027:user/stratus-red-team-nmfalu-gfjyeaypjt",
    "user_account_id": "123837392027",
    "user_name": "stratus-red-team-nmfalu-gfjyeaypjt",
    "source_ip_address": "192.168.10.20",
    "user_agent": "stratus-red-team_01190e38-873e-4cc4-aede-7ceb7ffc2a4a",
    "read_only": False,
    "management_event": True,
    "response_elements": '{"ConsoleLogin":"Success"}',
    "additional_event_data": '{"LoginTo":"https://console.aws.amazon.com/console/home","MFAUsed":"No",'
    '"MobileVersion":"No"}',
    "recipient_account_id": "123837392027",
    "tls_details": '{"cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"signin.aws.amazon.com",'
    '"tlsVersion":"TLSv1.3"}',
    "source_object": f"{DELIVERY}20230710T1225Z_4iD2boYSOwmb6sWd.json.gz",
    "event_date": date(2023, 7, 10),
}
SHARED = {
    "event_id": "895dc875-cb08-45a5-b8c2-9158838741c0",
    "event_time": datetime(2023, 7, 10, 11, 55, 23, tzinfo=UTC),
    "region": "us-east-1",
    "event_source": "ec2.amazonaws.com",
    "event_name": "SharedSnapshotVolumeCreated",
    "event_type": "AwsServiceEvent",
    "event_category": "Management",
    "event_version": "1.08",
    "user_account_id": "123837392027",
    "user_invoked_by": "ec2.amazonaws.com",
    "source_ip_address": "ec2.amazonaws.com",
    "user_agent": "ec2.amazonaws.com",
    "read_only": False,
    "management_event": True,
    "service_event_details": '{"snapshotId":"snap-0e83092ae538da583"}',
    "shared_event_id": "b81f7fe5-36b5-49ea-bbc9-6a9007e733c0",
    "recipient_account_id": "123837392027",
    "source_object": f"{DELIVERY}20230710T1200Z_iLj9fb7yyUG9X4Bf.json.gz",
    "event_date": date(2023, 7, 10),
}
ENVELOPED = {
    "event_id": "1f5ed731-4444-4a5c-4444-57f55e636789",
    "event_time": datetime(2020, 6, 4, 15, 18, 28, tzinfo=UTC),
    "region": "us-east-1",
    "event_source": "glue.amazonaws.com",
    "event_name": "PutResourcePolicy",
    "event_type": "AwsApiCall",
    "event_version": "1.05",
    "user_type": "IAMUser",
    "user_principal_id": "qwefqffasdfdfsda",
    "user_arn": "arn:aws:iam::644160558196:user/fake@fakeemail.com",
    "user_account_id": "644160558196",
    "user_access_key_id": "1345351435",
    "user_name": "fake@fakeemail.com",
    "user_session_context": '{"attributes":{"creationDate":"2020-06-04T15:06:07Z","mfaAuthenticated":"false"},'
    '"sessionIssuer":{},"webIdFederationData":{}}',
    "source_ip_address": "99.99.99.99",
    "user_agent": "console.amazonaws.com",
    "request_parameters": r'{"policyHashCondition":"qwerwqerewqrewqr==","policyInJson":"{\n  \"Version\" : '
    r"\"2012-10-17\",\n  \"Statement\" : [ {\n    \"Effect\" : \"Allow\",\n    \"Principal\" : \"*\",\n    "
    r"\"Action\" : \"glue:*\",\n    \"Resource\" : \"arn:aws:glue:us-east-1:644160558196:catalog\",\n    "
    r"\"Condition\": {\n        \"StringEquals\": {\n            \"aws:PrincipalOrgID\": "
    r'\"o-4amkskbcf3\"\n        }        \n    }\n  } ]\n}"}',
    "response_elements": '{"policyHash":"eqwewrewqerwerewr=="}',
    "request_id": "562ac246-0da8-4444-4444-7053b5ecf789",
    "rescued": '{"envelope":{"debug":true}}',
    "source_object": "cloudtrail/eventbridge/event-cloud-trail-catalog-put-resource-policy.json",
    "event_date": date(2020, 6, 4),
}
LOOKED_UP = {
    "event_id": "1f2d6879-969f-4c15-b550-55015423e0c6",
    "event_time": datetime(2022, 2, 7, 22, 23, 18, tzinfo=UTC),
    "region": "ap-southeast-2",
    "event_source": "ec2.amazonaws.com",
    "event_name": "TerminateInstances",
    "event_type": "AwsApiCall",
    "event_category": "Management",
    "event_version": "1.08",
    "user_type": "IAMUser",
    "user_principal_id": "0123456789ABCDEFGHIJK",
    "user_arn": "arn:aws:iam::012345678901:user/fakeusername",
    "user_account_id": "012345678901",
    "user_access_key_id": "0123456789ABCDEFGHIJ",
    "user_name": "fakeusername",
    "user_session_context": '{"attributes":{"creationDate":"2022-02-07T22:17:32Z","mfaAuthenticated":"false"},'
    '"sessionIssuer":{},"webIdFederationData":{}}',
    "source_ip_address": "1.2.3.4",
    "user_agent": "console.ec2.amazonaws.com",
    "read_only": False,
    "management_event": True,
    "request_parameters": '{"instancesSet":{"items":[{"instanceId":"i-01234567890123456"}]}}',
    "response_elements": '{"instancesSet":{"items":[{"currentState":{"code":32,"name":"shutting-down"},'
    '"instanceId":"i-01234567890123456","previousState":{"code":64,"name":"stopping"}}]},'
    '"requestId":"ad751a41-527b-4c0b-b218-29f58f46ca09"}',
    "request_id": "ad751a41-527b-4c0b-b218-29f58f46ca09",
    "recipient_account_id": "012345678901",
    "rescued": '{"envelope":{"Resources":[{"ResourceName":"i-01234567890123456","ResourceType":"AWS::EC2::Instance"}]},'
    '"sessionCredentialFromConsole":"true"}',
    "source_object": "aws_logs/aws_cloudtrail.jsonl",
    "event_date": date(2022, 2, 7),
}


def test_some_rows_are_those_of_the_files(
    spark: SparkSession, real: tuple[Places, dict[str, Any]], shared_data: Path
) -> None:
    by_hand: list[dict[str, Any]] = [LOGIN, SHARED, ENVELOPED, LOOKED_UP]
    rows = [
        tuple(
            f"file:{shared_data}/{row[name]}" if name == "source_object" else row.get(name)
            for name in EVENTS.names
        )
        for row in by_hand
    ]
    found = event_rows(spark, real[0]).where(f"event_id IN {tuple(row['event_id'] for row in by_hand)}")
    assert_df_equality(
        found, spark.createDataFrame(rows, EVENTS), ignore_nullable=True, ignore_row_order=True
    )


def test_of_an_event_that_two_files_hold_the_greatest_row_stays(real: tuple[Places, dict[str, Any]]) -> None:
    sql = "SELECT event_name, user_type FROM files WHERE event_id = ?"
    # CreateDistribution and UpdateDistribution; an assumed role and a user.
    assert query(sql, event_files(real[0]), ["a1474634-7457-45e1-bc0f-d47e7ad72f79"]) == [
        ("UpdateDistribution", "AssumedRole")
    ]
    assert query(sql, event_files(real[0]), ["6589a9eb-59b7-4895-b7ab-962ed3cc257c"]) == [
        ("RunInstances", "IAMUser")
    ]


def test_the_same_files_once_more_change_nothing(
    spark: SparkSession, real: tuple[Places, dict[str, Any]], inputs: list[Path]
) -> None:
    places, _ = real
    before = sorted(places.table.glob("event_date=*/region=*/*"))
    again = run_events(spark, places, inputs, "--run-id", "again")
    assert again["rows"]["duplicates"] == again["rows"]["accepted"] == 2929
    assert again["partitions"] == []
    assert sorted(places.table.glob("event_date=*/region=*/*")) == before
