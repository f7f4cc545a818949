"""The shipped cluster files: what they become, that nothing is to be said against them, and that they launch."""

import json
from typing import Any

import pytest

from local_aws.serverless.emulator import Serverless
from local_aws.serverless.simulated_runner import SimulatedRunner
from orchestrator.catalog import instance_types
from orchestrator.config.cluster import load_cluster
from orchestrator.findings import dotted_path
from orchestrator.planning.applications import application
from orchestrator.rules.capacity_advice import BEST_TYPES
from tests.local_aws.emr.launching import Laptop
from tests.requests.renew import (
    APPLICATION_VARIABLES,
    APPLICATIONS,
    CONFIGS,
    NAMES,
    REQUESTS,
    VARIABLES,
    loaded,
    text_of,
)

RELEASES = ("emr-7.14.0", "emr-spark-8.0.0")


def test_these_are_shipped() -> None:
    assert NAMES == ("base", "graviton", "job_specific", "long_running", "spot_heavy")
    assert APPLICATIONS == ("serverless",)
    assert sorted(path.stem for path in REQUESTS.glob("*.json")) == sorted((*NAMES, *APPLICATIONS))


@pytest.mark.parametrize("name", [*NAMES, *APPLICATIONS])
def test_a_file_becomes_its_request(name: str) -> None:
    kept = (REQUESTS / f"{name}.json").read_text(encoding="utf-8")
    assert text_of(loaded(name).request) == kept, "if that is meant: python -m tests.requests.renew"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", [*NAMES, *APPLICATIONS])
def test_a_file_has_no_findings_once_everything_is_given(name: str, release: str) -> None:
    assert loaded(name, release=release).findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_given_is_told(name: str) -> None:
    found = load_cluster(CONFIGS / f"{name}.yaml", {"bucket": "b"}).findings
    assert [(each.level.value, dotted_path(each.path), each.problem) for each in found] == [
        # Subnets are the account's: without them EMR takes the default VPC.
        ("WARNING", "Instances.Ec2SubnetIds", "no subnet"),
        # A security configuration has to be made once, from security_configuration.json.
        ("WARNING", "SecurityConfiguration", "IMDSv1 is not switched off"),
        ("WARNING", "SecurityConfiguration", "no encryption is configured"),
    ]
    (missing,) = load_cluster(CONFIGS / f"{name}.yaml", {}).findings[:1]
    assert (missing.level.value, missing.problem) == ("ERROR", "the variable bucket has no value")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", [VARIABLES, {"bucket": "b"}])
def test_a_file_launches(name: str, release: str, given: dict[str, Any]) -> None:
    laptop = Laptop()
    secured = (CONFIGS / "security_configuration.json").read_text(encoding="utf-8")
    laptop.call(
        "CreateSecurityConfiguration", Name=VARIABLES["security_configuration"], SecurityConfiguration=secured
    )
    config = load_cluster(CONFIGS / f"{name}.yaml", {**given, "release": release})
    cluster = laptop.call("RunJobFlow", **config.request)["JobFlowId"]
    laptop.emr.advance(3600)
    ready = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]["Timeline"]
    assert "ReadyDateTime" in ready


@pytest.mark.parametrize("name", NAMES)
def test_spot_fleets_have_many_types_whose_weights_are_vcpus(name: str) -> None:
    fleets = {each["InstanceFleetType"]: each for each in loaded(name).request["Instances"]["InstanceFleets"]}
    types = fleets["TASK"]["InstanceTypeConfigs"]
    assert len(types) >= BEST_TYPES
    for each in (*types, *fleets["CORE"]["InstanceTypeConfigs"]):
        assert each["WeightedCapacity"] == instance_types()[each["InstanceType"]].vcpus


def test_the_security_configuration_asks_for_tokens_and_encrypts() -> None:
    told = json.loads((CONFIGS / "security_configuration.json").read_text(encoding="utf-8"))
    assert told["InstanceMetadataServiceConfiguration"] == {
        "MinimumInstanceMetadataServiceVersion": 2,
        "HttpPutResponseHopLimit": 1,
    }
    assert told["EncryptionConfiguration"]["EnableAtRestEncryption"] is True


@pytest.mark.parametrize("name", [*NAMES, *APPLICATIONS])
def test_a_file_begins_with_its_purpose_and_what_drives_its_cost(name: str) -> None:
    comment = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").split("\n\n")[0]
    assert comment.startswith("# ")
    assert "# Cost drivers: " in comment


@pytest.mark.parametrize("release", RELEASES)
def test_an_application_is_created_and_takes_a_job_run(release: str) -> None:
    config = loaded("serverless", release=release)
    serverless = Serverless(SimulatedRunner)
    planned = application(config, "my-bucket", "", (None, None))
    made = serverless.call("CreateApplication", planned.request or {})["applicationId"]
    serverless.advance(60)
    driver = {"sparkSubmit": {"entryPoint": "s3://b/job.py"}}
    asked = {"applicationId": made, "clientToken": "1", "jobDriver": driver, **(config.job_run or {})}
    job_run = serverless.call("StartJobRun", asked)["jobRunId"]
    serverless.advance(7200)
    shown = serverless.call("GetJobRun", {"applicationId": made, "jobRunId": job_run})["jobRun"]
    assert (shown["state"], shown["executionTimeoutMinutes"]) == ("SUCCESS", 720)


def test_what_an_application_is_not_given_is_told() -> None:
    found = load_cluster(CONFIGS / "serverless.yaml", {}).findings
    assert [(dotted_path(each.path), each.problem) for each in found] == [
        ("monitoringConfiguration.s3MonitoringConfiguration.logUri", "the variable bucket has no value"),
        ("job_run.executionRoleArn", "required, and not there"),
    ]
    assert load_cluster(CONFIGS / "serverless.yaml", APPLICATION_VARIABLES).findings == ()
