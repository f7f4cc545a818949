"""Jobs of pipelines as tests of their rules need them."""

from dataclasses import replace
from typing import Any

from orchestrator.job_spec import JobSpec

PLAIN = JobSpec(name="a", entry_point="jobs/a.py", inputs=("s3://lake/raw/",), output="s3://lake/a")


def jobs(**changes: dict[str, Any]) -> dict[str, JobSpec]:
    """Make jobs, each with its own output."""
    return {
        name: replace(PLAIN, **{"name": name, "output": f"s3://lake/{name}", **change})
        for name, change in changes.items()
    }
