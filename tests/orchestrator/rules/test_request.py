"""The request as a whole: what passes at the edge, and what is told one beyond."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"Name": "n" * 256}, []),
        (
            {"Name": "a<b$"},
            ["ERROR Name: characters that AWS refuses: $ <, got 'a<b$'; expected none of < > $ | `"],
        ),
        (
            {"Name": "a`|>"},
            ["ERROR Name: characters that AWS refuses: > ` |, got 'a`|>'; expected none of < > $ | `"],
        ),
        (
            {"JobFlowRole": NOTHING, "ServiceRole": NOTHING},
            [
                "ERROR JobFlowRole: no instance profile; expected such as EMR_EC2_DefaultRole",
                "ERROR ServiceRole: no service role; expected such as EMR_DefaultRole",
            ],
        ),
        ({"JobFlowRole": "arn:aws:iam::1:instance-profile/p"}, []),
        (
            {"JobFlowRole": "a b"},
            [
                (
                    "ERROR JobFlowRole: not an instance profile, got 'a b'; expected a name or an ARN: "
                    "letters, digits and _+=,.@:/-"
                )
            ],
        ),
        ({"ReleaseLabel": "emr-spark-8.0.0", "Applications": [{"Name": "Spark"}]}, []),
        (
            {"ReleaseLabel": "emr-7.14"},
            [
                (
                    "ERROR ReleaseLabel: not a release label from 4.0.0 on, got 'emr-7.14'; expected a "
                    "release label such as emr-7.14.0 or emr-spark-8.0.0"
                )
            ],
        ),
        (
            {"ReleaseLabel": "emr-3.11.0"},
            [
                (
                    "ERROR ReleaseLabel: not a release label from 4.0.0 on, got 'emr-3.11.0'; expected a "
                    "release label such as emr-7.14.0 or emr-spark-8.0.0"
                )
            ],
        ),
        (
            {"ReleaseLabel": "emr-07.1.0"},
            [
                (
                    "ERROR ReleaseLabel: not a release label from 4.0.0 on, got 'emr-07.1.0'; expected a "
                    "release label such as emr-7.14.0 or emr-spark-8.0.0"
                )
            ],
        ),
        (
            {"ReleaseLabel": NOTHING},
            [
                (
                    "ERROR ReleaseLabel: no release; expected a release label such as emr-7.14.0 or "
                    "emr-spark-8.0.0"
                )
            ],
        ),
        (
            {"AmiVersion": "3.11.0"},
            [
                "ERROR AmiVersion: an AMI version beside a release label, got '3.11.0'; expected one of them",
                "ERROR Applications: applications with an AMI version; expected SupportedProducts",
            ],
        ),
        (
            {"Instances.HadoopVersion": "2.4.0"},
            [
                (
                    "ERROR Instances.HadoopVersion: a Hadoop version beside a release label, got '2.4.0'; "
                    "expected one of them"
                )
            ],
        ),
        (
            {"Instances.InstanceGroups": [], "Instances.InstanceCount": 3},
            [
                (
                    "ERROR Instances: more than one way to say which instances, got 'InstanceFleets and "
                    "InstanceGroups and counts'; expected one of InstanceFleets, InstanceGroups, or "
                    "InstanceCount, MasterInstanceType, SlaveInstanceType"
                ),
                "ERROR Instances.InstanceGroups: no primary group; expected one with InstanceRole: MASTER",
            ],
        ),
        (
            {"Instances.InstanceFleets": NOTHING, "ManagedScalingPolicy": NOTHING},
            [
                (
                    "ERROR Instances: no instances; expected one of InstanceFleets, InstanceGroups, or "
                    "InstanceCount, MasterInstanceType, SlaveInstanceType"
                ),
                (
                    "ERROR Instances.Ec2SubnetIds: several subnets without instance fleets, got ['subnet-a', "
                    "'subnet-b']; expected one subnet"
                ),
            ],
        ),
        (
            {"Instances.Ec2SubnetId": "subnet-a"},
            ["ERROR Instances.Ec2SubnetId: both Ec2SubnetId and Ec2SubnetIds; expected one of them"],
        ),
        ({"CustomAmiId": "ami-1"}, []),
        (
            {"CustomAmiId": "ami-1", "*.1.InstanceTypeConfigs.0.CustomAmiId": "ami-2"},
            [
                (
                    "ERROR *[1].InstanceTypeConfigs[0].CustomAmiId: a custom AMI here and for the cluster; "
                    "expected one of them"
                )
            ],
        ),
        (
            {"SupportedProducts": ["mapr"]},
            ["ERROR SupportedProducts: supported products with a release label; expected Applications"],
        ),
        ({"Tags": [{"Key": "k" * 128, "Value": "v" * 256}]}, []),
        (
            {"Tags": [{"Key": "k" * 129, "Value": "v"}, {"Key": "", "Value": "v"}, {"Value": "v"}]},
            [
                (
                    "ERROR Tags[0].Key: a key of the wrong length, got "
                    "'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…; "
                    "expected 1 to 128 characters"
                ),
                "ERROR Tags[1].Key: a key of the wrong length, got ''; expected 1 to 128 characters",
                "ERROR Tags[2].Key: a key of the wrong length; expected 1 to 128 characters",
            ],
        ),
        (
            {"Tags": [{"Key": "k", "Value": "v" * 257}]},
            [
                (
                    "ERROR Tags[0].Value: a value that is too long, got "
                    "'vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv…; "
                    "expected at most 256 characters"
                )
            ],
        ),
        (
            {"Tags": [{"Key": "aws:k", "Value": "AWS:v"}]},
            [
                "ERROR Tags[0].Key: the prefix aws: is reserved, got 'aws:k'; expected another beginning",
                "ERROR Tags[0].Value: the prefix aws: is reserved, got 'AWS:v'; expected another beginning",
            ],
        ),
        ({"Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(50)]}, []),
        (
            {"Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(51)]},
            ["ERROR Tags: too many tags, got 51; expected at most 50"],
        ),
        ({"BootstrapActions": [{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/p"}}] * 16}, []),
        (
            {"BootstrapActions": [{"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/p"}}] * 17},
            ["ERROR BootstrapActions: too many bootstrap actions, got 17; expected at most 16"],
        ),
        ({"EbsRootVolumeSize": 10}, []),
        ({"EbsRootVolumeSize": 100}, []),
        (
            {"EbsRootVolumeSize": 9},
            ["ERROR EbsRootVolumeSize: the wrong size, got 9; expected 10 to 100 GiB"],
        ),
        (
            {"EbsRootVolumeSize": 101},
            ["ERROR EbsRootVolumeSize: the wrong size, got 101; expected 10 to 100 GiB"],
        ),
        ({"EbsRootVolumeIops": 4000, "ReleaseLabel": "emr-7.2.0"}, []),
        (
            {
                "Instances.EmrManagedMasterSecurityGroup": "sg-1",
                "Instances.EmrManagedSlaveSecurityGroup": "sg-2",
            },
            [],
        ),
        (
            {"Instances.EmrManagedMasterSecurityGroup": "sg-1"},
            [
                (
                    "ERROR Instances.EmrManagedSlaveSecurityGroup: only one of the two security groups; "
                    "expected EmrManagedMasterSecurityGroup and EmrManagedSlaveSecurityGroup"
                )
            ],
        ),
        ({"LogEncryptionKmsKeyId": "k"}, []),
        (
            {
                "LogEncryptionKmsKeyId": "k",
                "ReleaseLabel": "emr-6.0.1",
                "ManagedScalingPolicy": NOTHING,
                "AutoTerminationPolicy": NOTHING,
            },
            [
                "ERROR LogEncryptionKmsKeyId: with an older release; expected 5.30.0 or later, not 6.0.x",
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                ),
            ],
        ),
        (
            {"EbsRootVolumeThroughput": 500, "ReleaseLabel": "emr-6.14.0"},
            [
                (
                    "ERROR EbsRootVolumeThroughput: with an older release, got 500; expected release 6.15.0 "
                    "or later"
                )
            ],
        ),
        ({"StepExecutionRoleArn": "arn:aws:iam::123456789012:role/r"}, []),
        (
            {"StepExecutionRoleArn": "arn:aws:iam::123456789012:role/r", "SecurityConfiguration": NOTHING},
            [
                (
                    "ERROR StepExecutionRoleArn: without a security configuration; expected "
                    "SecurityConfiguration, one with application-scoped IAM roles"
                ),
                (
                    "WARNING SecurityConfiguration: IMDSv1 is not switched off; expected one with "
                    "MinimumInstanceMetadataServiceVersion 2: cluster_configs/security_configuration.json"
                ),
                (
                    "WARNING SecurityConfiguration: no encryption is configured; expected one with "
                    "EncryptionConfiguration: cluster_configs/security_configuration.json"
                ),
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
