"""cloudtrail_events: who did what in which AWS account, one row an event.

Grain and key: (`event_date`, `region`, `event_id`), one row each; of rows with one key the greatest in schema order.
Inputs: CloudTrail's delivery files, its events in EventBridge envelopes, JSON lines; gzip or plain. Schedule: any.
Rerun: safe. A run id means one list of inputs and is done once; the same inputs under another are all duplicates.
"""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, StringType, StructField, StructType

from jobs.common import runner
from jobs.common.kinds.messages import MessageJob
from jobs.common.quality import UNREADABLE, Rule, json_rules
from jobs.common.readers import documents
from jobs.common.readers.cloudtrail import NOT_A_CLOUDTRAIL_EVENT, event_of
from jobs.common.readers.columns import RESCUED, Field
from jobs.common.readers.documents import OUTSIDE_RECORDS
from jobs.common.readers.portable import TYPES, Form
from jobs.common.table import Table

FIELDS = (
    Field("event_id", "string", ("eventID",), is_required=True),
    Field("event_time", "timestamp", ("eventTime",), is_required=True),
    Field("region", "string", ("awsRegion",), is_required=True),
    Field("event_source", "string", ("eventSource",)),
    Field("event_name", "string", ("eventName",)),
    Field("event_type", "string", ("eventType",)),
    Field("event_category", "string", ("eventCategory",)),
    Field("event_version", "string", ("eventVersion",)),
    Field("user_type", "string", ("userIdentity", "type")),
    Field("user_principal_id", "string", ("userIdentity", "principalId")),
    Field("user_arn", "string", ("userIdentity", "arn")),
    Field("user_account_id", "string", ("userIdentity", "accountId")),
    Field("user_access_key_id", "string", ("userIdentity", "accessKeyId")),
    Field("user_name", "string", ("userIdentity", "userName")),
    Field("user_invoked_by", "string", ("userIdentity", "invokedBy")),
    Field("user_session_context", "json", ("userIdentity", "sessionContext")),
    Field("source_ip_address", "string", ("sourceIPAddress",)),
    Field("user_agent", "string", ("userAgent",)),
    Field("error_code", "string", ("errorCode",)),
    Field("error_message", "string", ("errorMessage",)),
    Field("read_only", "boolean", ("readOnly",)),
    Field("management_event", "boolean", ("managementEvent",)),
    Field("resources", "json"),
    Field("request_parameters", "json", ("requestParameters",)),
    Field("response_elements", "json", ("responseElements",)),
    Field("additional_event_data", "json", ("additionalEventData",)),
    Field("service_event_details", "json", ("serviceEventDetails",)),
    Field("request_id", "string", ("requestID",)),
    Field("shared_event_id", "string", ("sharedEventID",)),
    Field("recipient_account_id", "string", ("recipientAccountId",)),
    Field("vpc_endpoint_id", "string", ("vpcEndpointId",)),
    Field("tls_details", "json", ("tlsDetails",)),
)

EVENTS = StructType(
    [
        *(StructField(field.column, TYPES[field.kind]) for field in FIELDS),
        StructField(RESCUED, StringType()),
        StructField("source_object", StringType()),
        StructField("event_date", DateType()),
    ]
)

# A region names a folder of the table.
_IN_REGIONS = "abcdefghijklmnopqrstuvwxyz0123456789-"
BAD_REGION = Rule(
    "out_of_range_awsRegion", f"length(region) > 32 OR translate(region, '{_IN_REGIONS}', '') <> ''"
)

TABLE = Table(
    schema=EVENTS,
    partition_by=("event_date", "region"),
    key=("event_date", "region", "event_id"),
    newest=None,
    provenance=("source_object",),
    sort_by=("event_time", "event_id"),
    time="event_time",
)


# In SQL that Spark and the native engine both know.
DERIVED = {"event_date": "CAST(event_time AS DATE)"}


def transform(events: DataFrame) -> DataFrame:
    """Take accepted events to rows of `EVENTS`, as many."""
    return events.transform(with_event_date).select(*EVENTS.names)


def with_event_date(events: DataFrame) -> DataFrame:
    """Add the UTC date of the event."""
    return events.withColumns({name: F.expr(expression) for name, expression in DERIVED.items()})


JOB = MessageJob(
    name="cloudtrail_events",
    version="1",
    description="CloudTrail events to a clean table, partitioned by event_date and region.",
    fields=FIELDS,
    rules=tuple(json_rules(FIELDS, {}, [BAD_REGION], (*UNREADABLE, OUTSIDE_RECORDS, NOT_A_CLOUDTRAIL_EVENT))),
    table=TABLE,
    transform=transform,
    derived=DERIVED,
    form=Form(documents.frame, event_of),
)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code."""
    return runner.main(JOB, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
