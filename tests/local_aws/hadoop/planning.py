"""Plans of clusters whose daemons are shell scripts, and instances for them."""

from collections.abc import Mapping
from pathlib import Path

from local_aws.emr.entities import Instance, Status
from local_aws.hadoop.daemons import Java
from local_aws.hadoop.launcher import Plan
from local_aws.running.memory import Memory


def plan(root: Path, java: Java, *, mib: int = 12_000, yarn: Mapping[str, str] | None = None) -> Plan:
    return Plan(root / "hadoop", {}, {}, yarn or {}, 1, lambda _: java, Memory(mib))


def instance(name: str, role: str = "CORE", market: str = "ON_DEMAND") -> Instance:
    status = Status("RUNNING", 0)
    made = Instance(f"ci-{name}", "if-1", role, "m5.xlarge", market, 1, "us-east-1a", status)
    made.ec2_id = f"i-{name}"
    return made
