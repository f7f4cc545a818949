"""The embedded EMR as the AWS command line sees it: a client that nobody here wrote, through a whole session."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.emr_server import EmrServer
from local_aws.s3_server import KEY, REGION, SECRET
from tests.local_aws.emr.launching import HOUR, Laptop

ROOT = Path(__file__).resolve().parents[2]
CORE = [
    {
        "Name": "core fleet",
        "InstanceFleetType": "CORE",
        "TargetOnDemandCapacity": 2,
        "TargetSpotCapacity": 4,
        "InstanceTypeConfigs": [
            {
                "InstanceType": "m5.xlarge",
                "WeightedCapacity": 1,
                "EbsConfiguration": {
                    "EbsBlockDeviceConfigs": [{"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}}]
                },
            },
            {
                "InstanceType": "r5.2xlarge",
                "WeightedCapacity": 2,
                "BidPriceAsPercentageOfOnDemandPrice": 80.5,
            },
        ],
        "LaunchSpecifications": {
            "OnDemandSpecification": {"AllocationStrategy": "lowest-price"},
            "SpotSpecification": {
                "TimeoutDurationMinutes": 20,
                "TimeoutAction": "SWITCH_TO_ON_DEMAND",
                "AllocationStrategy": "price-capacity-optimized",
            },
        },
    }
]
CONFIGURATIONS = [
    {
        "Classification": "spark-env",
        "Properties": {},
        "Configurations": [{"Classification": "export", "Properties": {"PYSPARK_PYTHON": "python3.11"}}],
    }
]
MASTER = (
    "InstanceFleetType=MASTER,TargetOnDemandCapacity=1,"
    "InstanceTypeConfigs=[{InstanceType=m5.xlarge},{InstanceType=m4.xlarge}]"
)
TASK = (
    "InstanceFleetType=TASK,TargetSpotCapacity=3,InstanceTypeConfigs=[{InstanceType=m5.xlarge,BidPrice=0.5}],"
    "LaunchSpecifications={SpotSpecification={TimeoutDurationMinutes=20,TimeoutAction=TERMINATE_CLUSTER}}"
)
STEPS = (
    "Type=Spark,Name=readings,ActionOnFailure=CONTINUE,Args=[--deploy-mode,cluster,s3://b/job.py,--input,s3://raw/]",
    "Type=CUSTOM_JAR,Name=figures,ActionOnFailure=CONTINUE,Jar=command-runner.jar,Args=[spark-example,SparkPi,10]",
)
BOOTSTRAP_ACTIONS = ("Path=s3://b/first.sh,Name=first,Args=[one,two]", "Path=s3://b/second.sh")


@pytest.fixture(scope="module")
def executable() -> Path:
    """Make the environment of the command line, where it is not there yet."""
    made = subprocess.run(
        [ROOT / "scripts" / "awscli", "--version"], capture_output=True, text=True, check=True, timeout=600
    )
    assert made.stdout.startswith("aws-cli/1.")
    return ROOT / ".venv-awscli" / "bin" / "aws"


class Terminal:
    """Where commands are typed, and where time goes by only between them."""

    def __init__(self, executable: Path, url: str, folder: Path) -> None:
        self._executable = executable
        names = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = {
            **names,
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
            "AWS_MAX_ATTEMPTS": "1",
            "HOME": str(folder),
            "PATH": os.defpath,
        }

    def emr(self, *arguments: str) -> Any:
        """Type a command that works; return what it prints."""
        done = self._run(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *arguments: str) -> str:
        """Type a command that does not; return what it says."""
        done = self._run(*arguments)
        assert (done.returncode != 0, done.stdout) == (True, "")
        return done.stderr.strip()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._executable), "--output", "json", "emr", *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture
def terminal(laptop: Laptop, executable: Path, tmp_path: Path) -> Iterator[Terminal]:
    server = EmrServer(laptop.emr, lambda: laptop.emr.world.now)
    yield Terminal(executable, server.url, tmp_path)
    server.close()


BASE = (
    *("create-cluster", "--name", "nightly run", "--release-label", "emr-7.14.0"),
    *("--applications", "Name=Hadoop", "Name=Spark", "--log-uri", "s3://logs/emr/"),
    *("--service-role", "EMR_DefaultRole"),
    *("--ec2-attributes", "InstanceProfile=EMR_EC2_DefaultRole,SubnetIds=[subnet-a,subnet-b],KeyName=key"),
)


# What describe-cluster tells of the cluster that is launched with all that one may say.
DESCRIBED = {
    "Name": "nightly run",
    "InstanceCollectionType": "INSTANCE_FLEET",
    "Applications": [{"Name": "Hadoop"}, {"Name": "Spark"}],
    "AutoTerminate": True,
    "Configurations": CONFIGURATIONS,
    "Tags": [{"Key": "nightly", "Value": ""}, {"Key": "team", "Value": "air quality"}],
    "StepConcurrencyLevel": 2,
    "BootstrapActions": [
        {"Name": "first", "ScriptPath": "s3://b/first.sh", "Args": ["one", "two"]},
        {"Name": "Bootstrap action", "ScriptPath": "s3://b/second.sh", "Args": []},
    ],
}


def launch(terminal: Terminal, folder: Path) -> str:
    """Launch a cluster with all that one may say."""
    master = {
        "InstanceFleetType": "MASTER",
        "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
    }
    (folder / "fleets.json").write_text(json.dumps([master, *CORE]))
    made = terminal.emr(
        *(*BASE, "--instance-fleets", f"file://{folder}/fleets.json"),
        *(
            "--configurations",
            json.dumps(CONFIGURATIONS),
            "--auto-terminate",
            "--step-concurrency-level",
            "2",
        ),
        *("--bootstrap-actions", *BOOTSTRAP_ACTIONS, "--steps", *STEPS),
        *("--tags", "team=air quality", "nightly", "--auto-termination-policy", "IdleTimeout=7200"),
        "--managed-scaling-policy",
        "ComputeLimits={MinimumCapacityUnits=2,MaximumCapacityUnits=8,UnitType=InstanceFleetUnits}",
    )
    cluster: str = made["ClusterId"]
    assert made["ClusterArn"].endswith(f":cluster/{cluster}")
    return cluster


def test_a_cluster_from_its_launch_to_its_end_by_its_steps(
    terminal: Terminal, laptop: Laptop, tmp_path: Path
) -> None:
    cluster = launch(terminal, tmp_path)
    on = ("--cluster-id", cluster)
    laptop.until_ready(cluster)
    terminal.emr("wait", "cluster-running", *on)
    told = terminal.emr("describe-cluster", *on)["Cluster"]
    assert {name: _names_only(told[name]) for name in DESCRIBED} == DESCRIBED
    assert told["Ec2InstanceAttributes"]["RequestedEc2SubnetIds"] == ["subnet-a", "subnet-b"]
    core = next(found for found in told["InstanceFleets"] if found["InstanceFleetType"] == "CORE")
    assert core["LaunchSpecifications"] == CORE[0]["LaunchSpecifications"]
    assert (core["Name"], core["ProvisionedOnDemandCapacity"]) == ("core fleet", 2)
    bids = [one["BidPriceAsPercentageOfOnDemandPrice"] for one in core["InstanceTypeSpecifications"]]
    assert bids == [100, 80.5]
    policy = terminal.emr("get-auto-termination-policy", *on)
    assert policy == {"AutoTerminationPolicy": {"IdleTimeout": 7200}}
    running = terminal.emr("list-steps", *on, "--step-states", "RUNNING")["Steps"]
    assert [one["Name"] for one in running] == ["figures", "readings"]
    assert running[1]["Config"]["Args"][:3] == ["spark-submit", "--deploy-mode", "cluster"]
    laptop.emr.advance(2 * HOUR)
    terminal.emr("wait", "step-complete", *on, "--step-id", running[0]["Id"])
    terminal.emr("wait", "cluster-terminated", *on)
    after = ("--created-after", "2026-01-01T00:00:00Z")
    ended = terminal.emr("list-clusters", "--terminated", *after)["Clusters"]
    reasons = [(one["Id"], one["Status"]["StateChangeReason"]["Code"]) for one in ended]
    assert reasons == [(cluster, "ALL_STEPS_COMPLETED")]


def _names_only(value: Any) -> Any:
    """Leave out the versions of applications."""
    is_applications = isinstance(value, list) and value and "Version" in value[0]
    return [{"Name": each["Name"]} for each in value] if is_applications else value


def test_a_cluster_that_lives_on_is_fed_resized_protected_and_terminated(
    terminal: Terminal, laptop: Laptop
) -> None:
    core = "InstanceFleetType=CORE,TargetOnDemandCapacity=2,InstanceTypeConfigs=[{InstanceType=m5.xlarge}]"
    cluster = terminal.emr(*BASE, "--instance-fleets", MASTER, core, "--termination-protected")["ClusterId"]
    on = ("--cluster-id", cluster)
    laptop.until_ready(cluster)
    steps = terminal.emr("add-steps", *on, "--steps", *STEPS)["StepIds"]
    assert terminal.emr("modify-cluster", *on, "--step-concurrency-level", "1") == {"StepConcurrencyLevel": 1}
    (info,) = terminal.emr("cancel-steps", *on, "--step-ids", steps[1])["CancelStepsInfoList"]
    assert info == {"StepId": steps[1], "Status": "SUBMITTED"}
    added = terminal.emr("add-instance-fleet", *on, "--instance-fleet", TASK)["InstanceFleetId"]
    target = f"InstanceFleetId={added},TargetOnDemandCapacity=1,TargetSpotCapacity=5"
    terminal.emr("modify-instance-fleet", *on, "--instance-fleet", target)
    laptop.emr.advance(HOUR)
    terminal.emr("wait", "step-complete", *on, "--step-id", steps[0])
    states = [
        terminal.emr("describe-step", *on, "--step-id", step)["Step"]["Status"]["State"] for step in steps
    ]
    assert states == ["COMPLETED", "CANCELLED"]
    task = next(
        one for one in terminal.emr("list-instance-fleets", *on)["InstanceFleets"] if one["Id"] == added
    )
    assert (task["ProvisionedOnDemandCapacity"], task["ProvisionedSpotCapacity"]) == (1, 5)
    instances = terminal.emr(
        "list-instances", *on, "--instance-fleet-type", "TASK", "--instance-states", "RUNNING"
    )
    assert sorted(one["Market"] for one in instances["Instances"]) == ["ON_DEMAND", *["SPOT"] * 5]
    said = terminal.refused("terminate-clusters", "--cluster-ids", cluster)
    assert "(ValidationException)" in said
    assert said.endswith("Could not shut down one or more job flows since they are termination protected.")
    terminal.emr("modify-cluster-attributes", *on, "--no-termination-protected", "--no-auto-terminate")
    terminal.emr("terminate-clusters", "--cluster-ids", cluster)
    active = ("list-clusters", "--active", "--query", "Clusters[].Status.State")
    assert terminal.emr(*active) == ["TERMINATING"]
    laptop.emr.advance(600)
    terminal.emr("wait", "cluster-terminated", *on)
    assert terminal.emr(*active) == []


def test_policies_tags_and_what_belongs_to_no_cluster(terminal: Terminal, laptop: Laptop) -> None:
    groups = ("--instance-type", "m5.xlarge", "--instance-count", "3", "--use-default-roles")
    cluster = terminal.emr("create-cluster", "--release-label", "emr-7.14.0", *groups)["ClusterId"]
    on = ("--cluster-id", cluster)
    limits = {"UnitType": "Instances", "MinimumCapacityUnits": 2, "MaximumCapacityUnits": 6}
    for name, policy in (
        ("managed-scaling", {"ComputeLimits": limits}),
        ("auto-termination", {"IdleTimeout": 600}),
    ):
        terminal.emr(f"put-{name}-policy", *on, f"--{name}-policy", json.dumps(policy))
        member = "ManagedScalingPolicy" if name == "managed-scaling" else "AutoTerminationPolicy"
        assert terminal.emr(f"get-{name}-policy", *on) == {member: policy}
        terminal.emr(f"remove-{name}-policy", *on)
        assert not terminal.emr(f"get-{name}-policy", *on)
    terminal.emr("add-tags", "--resource-id", cluster, "--tags", "a=1", "b=2")
    terminal.emr("remove-tags", "--resource-id", cluster, "--tag-keys", "a")
    told = terminal.emr("describe-cluster", *on)["Cluster"]
    assert told["Tags"] == [{"Key": "b", "Value": "2"}]
    assert [(one["InstanceGroupType"], one["RequestedInstanceCount"]) for one in told["InstanceGroups"]] == [
        ("MASTER", 1),
        ("CORE", 2),
    ]
    text = json.dumps({"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": 2}})
    named = ("--name", "imds")
    terminal.emr("create-security-configuration", *named, "--security-configuration", text)
    assert terminal.emr("describe-security-configuration", *named)["SecurityConfiguration"] == text
    listed = terminal.emr("list-security-configurations")["SecurityConfigurations"]
    assert [one["Name"] for one in listed] == ["imds"]
    terminal.emr("delete-security-configuration", *named)
    assert "does not exist" in terminal.refused("describe-security-configuration", *named)
    assert "emr-7.14.0" in terminal.emr("list-release-labels", "--filters", "Prefix=emr-7")["ReleaseLabels"]
    assert terminal.refused("describe-cluster", "--cluster-id", "j-X").endswith(
        "Cluster id 'j-X' is not valid."
    )
    for number in range(60):
        laptop.launch(name=f"of many {number}")
    many = terminal.emr("list-clusters", "--query", "Clusters[].Id")  # in two pages
    assert len(set(many)) == len(many) == 61
