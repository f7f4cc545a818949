"""Advice about Spark: when it is given, and when not."""

from typing import Any

import pytest

from tests.orchestrator.rules.holding import FAULTLESS, NOTHING, changed, told


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        (
            {"Configurations.1": NOTHING},
            [
                (
                    "WARNING Configurations: an application master may land on a Spot node, and dies with it;"
                    " expected in yarn-site yarn.node-labels.enabled: 'true' and "
                    "yarn.node-labels.am.default-node-label-expression: ON_DEMAND"
                )
            ],
        ),
        ({"Configurations.1": NOTHING, "*.2.TargetSpotCapacity": 0, "*.2.TargetOnDemandCapacity": 8}, []),
        (
            {"ReleaseLabel": "emr-7.1.0", "Configurations.1": NOTHING},
            [
                (
                    "WARNING Configurations: an application master may land on a Spot node, and dies with it;"
                    " expected release 7.2.0 or later, which labels nodes by their market"
                )
            ],
        ),
        ({"ReleaseLabel": "emr-5.36.0", "Configurations.1": NOTHING}, []),
        (
            {
                "Configurations.1.Properties": {
                    "yarn.node-labels.enabled": "true",
                    "yarn.node-labels.am.default-node-label-expression": "SPOT",
                }
            },
            [
                (
                    "WARNING Configurations[1].Properties: an application master may land on a Spot node, and"
                    " dies with it, got 'SPOT'; expected in yarn-site yarn.node-labels.enabled: 'true' and "
                    "yarn.node-labels.am.default-node-label-expression: ON_DEMAND"
                )
            ],
        ),
        (
            {"Configurations.0.Properties": {}},
            [
                (
                    "WARNING Configurations[0].Properties: the Python of the driver is not the jobs'; "
                    "expected python3.11, by spark.pyspark.python or PYSPARK_PYTHON in spark-env"
                ),
                (
                    "WARNING Configurations[0].Properties: the Python of the executors is not the jobs'; "
                    "expected python3.11, by spark.pyspark.python or PYSPARK_PYTHON in spark-env"
                ),
            ],
        ),
        (
            {
                "Configurations.0.Properties": {
                    "spark.yarn.appMasterEnv.PYSPARK_PYTHON": "python3.11",
                    "spark.executorEnv.PYSPARK_PYTHON": "python3.9",
                }
            },
            [
                (
                    "WARNING Configurations[0].Properties: the Python of the executors is not the jobs', got "
                    "'python3.9'; expected python3.11, by spark.pyspark.python or PYSPARK_PYTHON in spark-env"
                )
            ],
        ),
        ({"Configurations.0.Properties": {}, "Applications": [{"Name": "Hive"}]}, []),
        (
            {
                "Configurations.0": {
                    "Classification": "spark-env",
                    "Configurations": [
                        {"Classification": "export", "Properties": {"PYSPARK_PYTHON": "/usr/bin/python3.11"}}
                    ],
                }
            },
            [],
        ),
        (
            {
                "Configurations.0.Properties": {
                    "spark.executor.cores": "4",
                    "spark.executor.memory": "8g",
                    "spark.pyspark.python": "python3.11",
                }
            },
            [
                (
                    "WARNING Configurations[0].Properties.spark.executor.memoryOverhead: too little memory "
                    "beside the heap for Python workers, one a core, got '819 MiB'; expected at least 2048 "
                    "MiB"
                )
            ],
        ),
        (
            {
                "Configurations.0.Properties": {
                    "spark.executor.cores": "4",
                    "spark.executor.memory": "8g",
                    "spark.executor.memoryOverhead": "2g",
                    "spark.pyspark.python": "python3.11",
                }
            },
            [],
        ),
        (
            {
                "Configurations.0.Properties": {
                    "spark.executor.cores": "4",
                    "spark.executor.memory": "8g",
                    "spark.executor.memoryOverhead": "2047m",
                    "spark.pyspark.python": "python3.11",
                }
            },
            [
                (
                    "WARNING Configurations[0].Properties.spark.executor.memoryOverhead: too little memory "
                    "beside the heap for Python workers, one a core, got '2047 MiB'; expected at least 2048 "
                    "MiB"
                )
            ],
        ),
        (
            {
                "Configurations.0.Properties": {
                    "spark.executor.cores": "4",
                    "spark.executor.memory": "8g",
                    "spark.executor.pyspark.memory": "2g",
                    "spark.pyspark.python": "python3.11",
                }
            },
            [],
        ),
        (
            {"Applications": [{"Name": "spark"}, {"Name": "Sprak"}]},
            [
                (
                    "WARNING Applications[1].Name: unknown application; did you mean Spark?, got 'Sprak'; "
                    "expected one of AmazonCloudWatchAgent, Delta, Flink, HBase, HCatalog, Hadoop, Hive, "
                    "Hudi, Hue, Iceberg, JupyterEnterpriseGateway, JupyterHub, Livy, Oozie, Phoenix, Pig, "
                    "Presto, Spark, TensorFlow, Tez, Trino, Zeppelin, ZooKeeper"
                )
            ],
        ),
        (
            {
                "ReleaseLabel": "emr-7.13.0",
                "Configurations.1.Properties": {
                    **FAULTLESS["Configurations"][1]["Properties"],
                    "yarn.nodemanager.log-dirs": "d" * 512,
                },
            },
            [],
        ),
        (
            {
                "ReleaseLabel": "emr-7.13.0",
                "Configurations.1.Properties": {
                    **FAULTLESS["Configurations"][1]["Properties"],
                    "yarn.nodemanager.log-dirs": "d" * 513,
                },
            },
            [
                (
                    "WARNING Configurations[1].Properties.yarn.nodemanager.log-dirs: too long for logs to "
                    "come to S3, got '513 characters'; expected at most 512, or 7.14.0"
                )
            ],
        ),
        (
            {
                "ReleaseLabel": "emr-7.14.0",
                "Configurations.1.Properties": {
                    **FAULTLESS["Configurations"][1]["Properties"],
                    "yarn.nodemanager.log-dirs": "d" * 513,
                },
            },
            [],
        ),
        ({"ReleaseLabel": "emr-7.13.0", "Applications": [{"Name": "Spark"}, {"Name": "New"}]}, []),
    ],
)
def test_rules_tell_what_is_wrong_and_nothing_else(changes: dict[str, Any], findings: list[str]) -> None:
    assert told(changed(changes)) == findings
