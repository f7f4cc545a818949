"""Write the requests of the shipped cluster files anew, after a meant change: python -m tests.requests.renew."""

import json
from pathlib import Path
from typing import Any, Final

from orchestrator.config.cluster import ClusterConfig, load_cluster

REQUESTS: Final = Path(__file__).parent
CONFIGS: Final = REQUESTS.parents[1] / "cluster_configs"
NAMES: Final = tuple(sorted(path.stem for path in CONFIGS.glob("*.yaml")))
VARIABLES: Final[dict[str, Any]] = {
    "bucket": "my-bucket",
    "subnets": ["subnet-1", "subnet-2", "subnet-3"],
    "security_configuration": "emr-job-suite",
}


def loaded(name: str, **variables: Any) -> ClusterConfig:
    """Load a shipped file, with everything given that it can be given."""
    return load_cluster(CONFIGS / f"{name}.yaml", {**VARIABLES, **variables})


def text_of(request: dict[str, Any]) -> str:
    """Write a request down as it is kept."""
    return json.dumps(request, indent=2) + "\n"


if __name__ == "__main__":
    for each in NAMES:
        (REQUESTS / f"{each}.json").write_text(text_of(loaded(each).request), encoding="utf-8")
