"""Write the requests of the shipped cluster files anew, after a meant change: python -m tests.requests.renew."""

import json
from pathlib import Path
from typing import Any, Final

from orchestrator.config.cluster import ClusterConfig, load_cluster

REQUESTS: Final = Path(__file__).parent
CONFIGS: Final = REQUESTS.parents[1] / "cluster_configs"
APPLICATIONS: Final = ("serverless",)
NAMES: Final = tuple(sorted({path.stem for path in CONFIGS.glob("*.yaml")} - set(APPLICATIONS)))
VARIABLES: Final[dict[str, Any]] = {
    "bucket": "my-bucket",
    "subnets": ["subnet-1", "subnet-2", "subnet-3"],
    "security_configuration": "emr-job-suite",
}
APPLICATION_VARIABLES: Final[dict[str, Any]] = {
    "bucket": "my-bucket",
    "execution_role": "arn:aws:iam::123456789012:role/jobs",
}


def loaded(name: str, **variables: Any) -> ClusterConfig:
    """Load a shipped file, with everything given that it can be given."""
    given = APPLICATION_VARIABLES if name in APPLICATIONS else VARIABLES
    return load_cluster(CONFIGS / f"{name}.yaml", {**given, **variables})


def text_of(request: dict[str, Any]) -> str:
    """Write a request down as it is kept."""
    return json.dumps(request, indent=2) + "\n"


if __name__ == "__main__":
    for each in (*NAMES, *APPLICATIONS):
        (REQUESTS / f"{each}.json").write_text(text_of(loaded(each).request), encoding="utf-8")
