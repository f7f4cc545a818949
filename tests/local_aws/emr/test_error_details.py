"""Why a cluster ended with errors, for programs."""

from local_aws.emr.error_details import out_of_capacity
from local_aws.emr.simulated_runner import BootstrapPlan
from tests.local_aws.emr.launching import Laptop

PAGES = "https://docs.aws.amazon.com/emr/latest/ManagementGuide/"
ACTIONS = [
    {"Name": name, "ScriptBootstrapAction": {"Path": f"s3://bucket/{name}.sh"}} for name in ("one", "two")
]


def test_a_bootstrap_action_that_fails_on_the_primary_is_told_with_where_and_how() -> None:
    laptop = Laptop()
    laptop.plan(BootstrapPlan(2, role="MASTER", exit_code=7))
    cluster = laptop.launch(BootstrapActions=ACTIONS, hours=1)
    status = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]
    (primary,) = (one for one in laptop.emr.cluster(cluster).instances if one.role == "MASTER")
    assert status["ErrorDetails"] == [
        {
            "ErrorCode": "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
            "ErrorData": [
                {"primary-instance-id": primary.ec2_id},
                {"bootstrap-action": "2"},
                {"return-code": "7"},
                {"amazon-s3-path": "s3://bucket/two.sh"},
                {"public-doc": f"{PAGES}BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE.html"},
            ],
            "ErrorMessage": status["StateChangeReason"]["Message"],
        }
    ]


def test_a_script_that_could_not_be_fetched_has_a_code_of_its_own() -> None:
    laptop = Laptop()
    laptop.plan(BootstrapPlan(2, role="MASTER", is_missing=True))
    cluster = laptop.launch(BootstrapActions=ACTIONS, hours=1)
    primary = laptop.emr.cluster(cluster).instances[0]
    status = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]
    text = f"Master instance ({primary.ec2_id}) failed attempting to download bootstrap action 2 file from S3"
    assert status["StateChangeReason"] == {"Code": "BOOTSTRAP_FAILURE", "Message": text}
    code = "BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY"
    assert status["ErrorDetails"] == [
        {
            "ErrorCode": code,
            "ErrorData": [
                {"primary-instance-id": primary.ec2_id},
                {"bootstrap-action": "2"},
                {"amazon-s3-path": "s3://bucket/two.sh"},
                {"public-doc": f"{PAGES}{code}.html"},
            ],
            "ErrorMessage": text,
        }
    ]


def test_a_zone_without_capacity_is_named() -> None:
    told = out_of_capacity("m5.xlarge", "us-east-1b", "text")
    assert (told["ErrorCode"], told["ErrorMessage"]) == (
        "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ",
        "text",
    )
    assert told["ErrorData"][1] == {"availability-zone": "us-east-1b"}


def test_a_cluster_that_lives_or_that_a_user_ended_has_none() -> None:
    laptop = Laptop()
    cluster = laptop.launch(hours=1)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    laptop.emr.advance(3600)
    assert "ErrorDetails" not in laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]
