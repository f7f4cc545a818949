"""What all work shares: where it is done, how the embedded AWS is reached, and how a result is handed over."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mypy_boto3_s3 import S3Client

from local_aws.running.environments import ROOT
from local_aws.running.memory import Memory

# What a process sees of the machine's own variables.
_KEPT: Final = frozenset(
    {
        *("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "USER", "XDG_CACHE_HOME", "SPARK_SUBMIT_OPTS"),
        *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "DEFAULT_ARTIFACT_REPOSITORY"),
        *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    }
)


@dataclass(frozen=True)
class Workshop:
    """`perform` does something to the EMR, alone and at the present instant; `log_delay` is in milliseconds."""

    folder: Path
    endpoint: str
    s3: S3Client
    aws_variables: Mapping[str, str]
    perform: Callable[[Callable[[], None]], None]
    log_delay: int
    memory: Memory
    checkout: Path = ROOT

    @property
    def variables(self) -> dict[str, str]:
        """What each process finds in its environment."""
        own = {name: value for name, value in os.environ.items() if name in _KEPT}
        return {**own, **self.aws_variables, "AWS_ENDPOINT_URL": self.endpoint}
