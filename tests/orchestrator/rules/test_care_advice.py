"""Advice about cost, logs and security: when it is given, and when not."""

from typing import Any

import pytest

from orchestrator.config.limits import Limits
from tests.orchestrator.rules.holding import NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        (
            {"AutoTerminationPolicy": NOTHING},
            [
                (
                    "WARNING AutoTerminationPolicy: kept alive, and nothing ends it when it is idle; expected"
                    " AutoTerminationPolicy with IdleTimeout, or limits.idle_timeout_seconds"
                )
            ],
        ),
        ({"AutoTerminationPolicy": NOTHING, "Instances.KeepJobFlowAliveWhenNoSteps": False}, []),
        (
            {"Instances.KeepJobFlowAliveWhenNoSteps": False},
            [
                (
                    "WARNING AutoTerminationPolicy: without effect: the cluster ends after its steps; "
                    "expected Instances.KeepJobFlowAliveWhenNoSteps: true, or no policy"
                )
            ],
        ),
        ({"AutoTerminationPolicy.IdleTimeout": 43199}, []),
        (
            {"AutoTerminationPolicy.IdleTimeout": 43200},
            [
                (
                    "WARNING AutoTerminationPolicy.IdleTimeout: longer than the cluster lives, got '43200 "
                    "seconds'; expected less than limits.max_lifetime_hours, 12 hours"
                )
            ],
        ),
        (
            {"LogUri": NOTHING},
            ["WARNING LogUri: no LogUri: logs are gone with the cluster; expected s3://bucket/prefix/"],
        ),
        (
            {"SecurityConfiguration": NOTHING},
            [
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
        ({"Tags": []}, []),
        (
            {"Tags": [], "ServiceRole": "EMR_DefaultRole_V2"},
            [
                (
                    "WARNING Tags: EMR_DefaultRole_V2 needs a tag on the cluster, its subnets and security "
                    "groups; expected for-use-with-amazon-emr-managed-policies: 'true'"
                )
            ],
        ),
        ({"ServiceRole": "arn:aws:iam::123456789012:role/EMR_DefaultRole_V2"}, []),
        (
            {"Instances.Ec2KeyName": "me"},
            [
                (
                    "WARNING Instances.Ec2KeyName: SSH is open to whoever has the key, got 'me'; expected no "
                    "key: steps and logs need none, a shell can be had by Session Manager"
                )
            ],
        ),
        (
            {"Steps.0.HadoopJarStep.Args": ["--key", "AKIAABCDEFGHIJKLMNOP"]},
            [
                (
                    "WARNING Steps[0].HadoopJarStep.Args[1]: looks like a secret, which whoever may describe "
                    "the cluster reads; expected the ARN of a secret in Secrets Manager, which the job reads"
                )
            ],
        ),
        ({"Steps.0.HadoopJarStep.Args": ["--key", "XAKIAABCDEFGHIJKLMNOP", "password"]}, []),
        (
            {
                "Configurations.1.Configurations": [
                    {
                        "Classification": "hive-site",
                        "Properties": {
                            "javax.jdo.option.ConnectionPassword": "hunter2",
                            "fs.s3a.secret.key": "x",
                            "secret-arn": "arn",
                        },
                    }
                ]
            },
            [
                (
                    "WARNING "
                    "Configurations[1].Configurations[0].Properties.javax.jdo.option.ConnectionPassword: "
                    "looks like a secret, which whoever may describe the cluster reads; expected the ARN of a"
                    " secret in Secrets Manager, which the job reads"
                ),
                (
                    "WARNING Configurations[1].Configurations[0].Properties.fs.s3a.secret.key: looks like a "
                    "secret, which whoever may describe the cluster reads; expected the ARN of a secret in "
                    "Secrets Manager, which the job reads"
                ),
            ],
        ),
        ({"VisibleToAllUsers": True, "RepoUpgradeOnBoot": "NONE", "CustomAmiId": "ami-1"}, []),
        (
            {"VisibleToAllUsers": False, "RepoUpgradeOnBoot": "NONE"},
            [
                (
                    "WARNING VisibleToAllUsers: ignored: all users of the account see it, got False; expected"
                    " IAM policies"
                ),
                "WARNING RepoUpgradeOnBoot: ignored without a custom AMI; expected CustomAmiId, or not given",
            ],
        ),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {},
            (
                "WARNING limits: nothing bounds how long it lives; EMR calls no cluster idle whose HDFS is 10 % full "
                "or more; expected limits.max_lifetime_hours"
            ),
        ),
        (
            {"AutoTerminationPolicy": NOTHING, "Instances.KeepJobFlowAliveWhenNoSteps": False},
            "WARNING limits: nothing bounds how long it lives; expected limits.max_lifetime_hours",
        ),
    ],
)
def test_a_cluster_without_a_lifetime_is_told(changes: dict[str, Any], finding: str) -> None:
    assert told(changed(changes), Limits()) == [finding]


def test_our_idle_time_out_is_an_idle_policy_unless_it_is_longer_than_the_lifetime() -> None:
    request = changed({"AutoTerminationPolicy": NOTHING})
    assert told(request, Limits(max_lifetime_hours=1, idle_timeout_seconds=3599)) == []
    assert told(request, Limits(max_lifetime_hours=1, idle_timeout_seconds=3600)) == [
        (
            "WARNING limits.idle_timeout_seconds: longer than the cluster lives, got '3600 seconds'; expected less "
            "than limits.max_lifetime_hours, 1 hours"
        )
    ]


def test_protection_of_a_cluster_that_ends_itself_is_told() -> None:
    changes = {"AutoTerminationPolicy": NOTHING, "Instances.KeepJobFlowAliveWhenNoSteps": False}
    request = changed({**changes, "Instances.TerminationProtected": True})
    assert told(request, Limits())[1:] == [
        (
            "WARNING Instances.TerminationProtected: ignored: the cluster ends after its steps, got True; "
            "expected KeepJobFlowAliveWhenNoSteps: true"
        )
    ]
