"""Advice about Spark: where the application master lands, which Python runs, and memory for Python workers."""

from collections.abc import Iterator
from typing import Final

from orchestrator.catalog import applications
from orchestrator.config.near import meant
from orchestrator.findings import ValuePath
from orchestrator.rules import spark
from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Fault, Rule, advice, guide

PYTHON: Final = "python3.11"
OVERHEAD_MIB_PER_CORE: Final = 512
_MOST_LOG_DIRS: Final = 512
_LABEL: Final = "yarn.node-labels.am.default-node-label-expression"
_RELEASES: Final = "https://docs.aws.amazon.com/emr/latest/ReleaseGuide"
_DECISION: Final = "docs/decisions/0002-jobs-need-only-the-emr-image.md"


def master_on_spot(cluster: Cluster) -> Iterator[Fault]:
    """Application master free to land on Spot: node labels are off by default from 6.0 on."""
    if cluster.release is None or cluster.release < (6,) or not _has_spot(cluster):
        return
    yarn, given = spark.properties(cluster, "yarn-site"), spark.properties(cluster, "spark-defaults")
    is_labelled = str(yarn.get("yarn.node-labels.enabled")).lower() == "true"
    label = yarn.get(_LABEL) or given.get("spark.yarn.am.nodeLabelExpression")
    if not is_labelled or label not in {"ON_DEMAND", "CORE"}:
        expected = f"in yarn-site yarn.node-labels.enabled: 'true' and {_LABEL}: ON_DEMAND"
        if cluster.release < (7, 2):
            expected = "release 7.2.0 or later, which labels nodes by their market"
        yield Fault(
            yarn.path, "an application master may land on a Spot node, and dies with it", label, expected
        )


def python_of_jobs(cluster: Cluster) -> Iterator[Fault]:
    """PYSPARK_PYTHON: that of the jobs, python3.11, for driver and executors."""
    if "spark" not in cluster.applications():
        return
    given = spark.properties(cluster, "spark-defaults")
    every = spark.exported(cluster, "spark-env", "PYSPARK_PYTHON")
    both = given.get("spark.pyspark.python")
    driver = (
        given.get("spark.pyspark.driver.python")
        or both
        or given.get("spark.yarn.appMasterEnv.PYSPARK_PYTHON")
    )
    executors = both or given.get("spark.executorEnv.PYSPARK_PYTHON") or every
    for who, python in (("driver", driver or every), ("executors", executors)):
        if python is None or python.rpartition("/")[2] != PYTHON:
            problem = f"the Python of the {who} is not the jobs'"
            expected = f"{PYTHON}, by spark.pyspark.python or PYSPARK_PYTHON in spark-env"
            yield Fault(given.path, problem, python, expected)


def overhead_for_python(cluster: Cluster) -> Iterator[Fault]:
    """Executor memory overhead: 512 MiB a core for Python workers."""
    size = spark.executor(cluster)
    if size is None:
        return
    least = size.cores * OVERHEAD_MIB_PER_CORE
    if size.overhead + size.python < least:
        path: ValuePath = (*size.path[:-1], "spark.executor.memoryOverhead")
        problem = "too little memory beside the heap for Python workers, one a core"
        yield Fault(path, problem, f"{size.overhead + size.python:.0f} MiB", f"at least {least} MiB")


def log_folders(cluster: Cluster) -> Iterator[Fault]:
    """Folders of YARN's logs: with more than 512 characters 7.13 puts no logs on S3."""
    yarn = spark.properties(cluster, "yarn-site")
    folders = yarn.get("yarn.nodemanager.log-dirs") or ""
    if len(folders) > _MOST_LOG_DIRS and cluster.release is not None and cluster.release[:2] == (7, 13):
        path = (*yarn.path, "yarn.nodemanager.log-dirs")
        yield Fault(
            path, "too long for logs to come to S3", f"{len(folders)} characters", "at most 512, or 7.14.0"
        )


def unknown_applications(cluster: Cluster) -> Iterator[Fault]:
    """Applications that the release is not known to have."""
    known = applications(cluster.request.get("ReleaseLabel", ""))
    lowered = {each.lower() for each in known}
    for each in cluster.root.items("Applications"):
        name = each.get("Name", "")
        if known and name.lower() not in lowered:
            expected = f"one of {', '.join(sorted(known))}"
            yield Fault((*each.path, "Name"), f"unknown application{meant(name, known)}", name, expected)


def _has_spot(cluster: Cluster) -> bool:
    fleets = any(fleet.spot > 0 for fleet in cluster.fleets if fleet.role != "MASTER")
    return fleets or any(each.get("Market") == "SPOT" for each in cluster.groups)


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *advice(guide("managed-scaling-allocation-strategy"), master_on_spot),
    *advice(_DECISION, python_of_jobs),
    *advice("https://spark.apache.org/docs/latest/configuration.html", overhead_for_python),
    *advice(f"{_RELEASES}/emr-release-components.html", unknown_applications),
    *advice(f"{_RELEASES}/emr-whatsnew.html", log_folders),
)
