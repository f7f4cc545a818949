"""Cluster definitions of AWS's documentation, by plain boto3: each becomes what is said there, and wrong ones do not.

definitions/*.json: a request, where it is documented, and what it is said to become: its state within three hours, the
least and most units of each fleet, On-Demand and Spot, or the instances of each group, and what else is looked at.
definitions/refused/: changes, each of which AWS documents as wrong, by the path to a member.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from mypy_boto3_emr import EMRClient
from mypy_boto3_emr.type_defs import ClusterTypeDef

from local_aws.emr_server import EmrServer
from local_aws.s3_server import KEY, REGION, SECRET
from tests.local_aws.emr.launching import Laptop

FOLDER = Path(__file__).parent / "definitions"
DEFINITIONS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
REFUSED = json.loads((FOLDER / "refused" / "run_job_flow.json").read_text())


@pytest.fixture(scope="module")
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture(scope="module")
def client(laptop: Laptop) -> Iterator[EMRClient]:
    server = EmrServer(laptop.emr, lambda: laptop.emr.world.now)
    made = boto3.client(
        "emr",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        # What is wrong is to be refused by EMR, not by boto3.
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )
    yield made
    made.close()
    server.close()


def settle(laptop: Laptop, client: EMRClient, cluster: str, state: str) -> ClusterTypeDef:
    """Let up to three hours go by, and return the cluster as soon as it is in the state."""
    for _ in range(180):
        told = client.describe_cluster(ClusterId=cluster)["Cluster"]
        if told["Status"]["State"] == state:
            return told
        laptop.emr.advance(60)
    raise AssertionError(f"{cluster} is not {state} but {laptop.status(cluster)}")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_documented_definition_becomes_what_is_said(laptop: Laptop, client: EMRClient, name: str) -> None:
    request, becomes = DEFINITIONS[name]["request"], DEFINITIONS[name]["becomes"]
    assert DEFINITIONS[name]["source"].startswith("https://")
    cluster = client.run_job_flow(**request)["JobFlowId"]
    assert_launched(laptop, client, cluster, becomes)
    told = settle(laptop, client, cluster, becomes["state"])
    if "code" in becomes:
        assert told["Status"]["StateChangeReason"]["Code"] == becomes["code"]
    assert told.get("Configurations", []) == request.get("Configurations", [])
    subnets = becomes.get("subnets", [None])
    assert told["Ec2InstanceAttributes"].get("Ec2SubnetId") in subnets
    steps = client.list_steps(ClusterId=cluster)["Steps"]
    assert [step["Status"]["State"] for step in steps] == becomes.get("steps", [])
    actions = client.list_bootstrap_actions(ClusterId=cluster)["BootstrapActions"]
    assert [{"Name": one["Name"], "Path": one["ScriptPath"], "Args": one["Args"]} for one in actions] == [
        {"Name": one["Name"], **one["ScriptBootstrapAction"]} for one in request.get("BootstrapActions", [])
    ]


def assert_launched(laptop: Laptop, client: EMRClient, cluster: str, becomes: dict[str, Any]) -> None:
    """Look at the capacity that a cluster has as soon as its launch is over."""
    laptop.until_ready(cluster)
    if "units" in becomes:
        found = client.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
        fleets = {one["InstanceFleetType"]: one for one in found}
        assert set(fleets) == set(becomes["units"])
        for role, limits in becomes["units"].items():
            told = fleets[role]
            provisioned = (told["ProvisionedOnDemandCapacity"], told["ProvisionedSpotCapacity"])
            for count, (least, most) in zip(provisioned, limits, strict=True):
                assert least <= count <= most, (role, provisioned)
        if "volumes" in becomes:
            devices = fleets["MASTER"]["InstanceTypeSpecifications"][0]["EbsBlockDevices"]
            assert [one["VolumeSpecification"]["VolumeType"] for one in devices] == becomes["volumes"]
    else:
        groups = client.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
        counts = {one["InstanceGroupType"]: one["RequestedInstanceCount"] for one in groups}
        assert counts == becomes["groups"]
    if "instances" in becomes:
        assert len(client.list_instances(ClusterId=cluster)["Instances"]) == becomes["instances"]


@pytest.mark.parametrize("case", REFUSED["refused"], ids=lambda case: " ".join(case["change"]))
def test_what_is_documented_as_wrong_is_refused(client: EMRClient, case: dict[str, Any]) -> None:
    request = deepcopy(DEFINITIONS[REFUSED["base"]]["request"]) | {"ReleaseLabel": REFUSED["release"]}
    for path, value in case["change"].items():
        *way, last = path.split(".")
        holder = request
        for key in way:
            holder = holder[int(key) if key.isdigit() else key]
        holder[last] = value
    before = client.list_clusters()["Clusters"]
    with pytest.raises(ClientError) as refused:
        client.run_job_flow(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationException", case["says"]
    assert client.list_clusters()["Clusters"] == before


def test_what_the_wrong_ones_are_made_from_is_right(client: EMRClient) -> None:
    request = DEFINITIONS[REFUSED["base"]]["request"] | {"ReleaseLabel": REFUSED["release"]}
    assert client.run_job_flow(**request)["JobFlowId"]
