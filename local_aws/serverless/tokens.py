"""Client tokens: the same request again does nothing again, another request with the same token is refused.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html: a token must be unique for each
request. Which scope it has is not said: here, an operation and the application it is about. It is known for ever.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.api.errors import AwsError


@dataclass
class Tokens:
    """The tokens of an account, with what they were used for and what was made then."""

    _known: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)

    def find(self, operation: str, request: Mapping[str, Any], conflict: AwsError) -> str | None:
        """Return what was made by the same request with this token; None where the token is new.

        Raises:
            AwsError: `conflict`, where the token was used for another request.
        """
        known = self._known.get(_key(operation, request))
        if known is None:
            return None
        if known[0] != _print(request):
            raise conflict
        return known[1]

    def keep(self, operation: str, request: Mapping[str, Any], made: str) -> None:
        """Remember what was made with a token."""
        self._known[_key(operation, request)] = (_print(request), made)


def _key(operation: str, request: Mapping[str, Any]) -> tuple[str, str, str]:
    return operation, str(request.get("applicationId", "")), str(request["clientToken"])


def _print(request: Mapping[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)
