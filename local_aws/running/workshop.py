"""What all work shares: where it is done, how the embedded AWS is reached, and how a result is handed over."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mypy_boto3_s3 import S3Client

from local_aws.running.environments import ROOT, Jars
from local_aws.running.memory import Memory

# What a process sees of the machine's own variables.
_KEPT: Final = frozenset(
    {
        *("LANG", "LC_ALL", "PATH", "TMPDIR", "USER", "SPARK_SUBMIT_OPTS"),
        *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "DEFAULT_ARTIFACT_REPOSITORY"),
        *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    }
)
_NO_OTHER_AWS: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
}


@dataclass(frozen=True)
class Workshop:
    """`perform` does something to the EMR, alone and at the present instant.

    Logs are put `log_delay` after the end of what wrote them, and every `log_interval` before, in milliseconds of EMR.
    """

    folder: Path
    endpoint: str
    s3: S3Client
    aws_variables: Mapping[str, str]
    perform: Callable[[Callable[[], None]], None]
    log_delay: int
    log_interval: int
    memory: Memory
    checkout: Path = ROOT
    # By release, and whether Delta is among them: a step does not look for what another has found.
    jars: dict[tuple[str, bool], Jars] = field(default_factory=dict)

    def variables(self, home: Path) -> dict[str, str]:
        """What a process finds in its environment: the embedded AWS, and nothing that leads to another."""
        own = {name: value for name, value in os.environ.items() if name in _KEPT}
        return {
            **own,
            **self.aws_variables,
            **_NO_OTHER_AWS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "HOME": str(home),
        }

    @property
    def own_variables(self) -> dict[str, str]:
        """What our own helpers find there: the machine's variables, but for another AWS."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": self.endpoint,
        }
