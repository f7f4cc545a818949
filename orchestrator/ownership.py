"""Whose a cluster is, and how long it may live, as its tags say: all that the reaper needs, should all else be lost.

Tags can be read by whoever may describe the cluster, and changing them is changing what may end it: the policies that
`doctor` prints deny that to others (https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags.html).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.identity import Token, token_of

OWNER: Final = "emr-job-suite:owner"
RUN: Final = "emr-job-suite:run"
LIFETIME: Final = "emr-job-suite:max-lifetime-seconds"
IDLE: Final = "emr-job-suite:idle-timeout-seconds"
REQUEST: Final = "emr-job-suite:request"


@dataclass(frozen=True)
class Ownership:
    """What the tags of a cluster say.

    `owner` is the bucket that holds the state of its orchestrators, `request` a hash of what a long-running one was
    made from.
    """

    owner: str
    run_id: str | None = None
    max_lifetime_s: float | None = None
    idle_timeout_s: float | None = None
    request: str | None = None

    def tags(self) -> list[dict[str, str]]:
        """Write them for RunJobFlow."""
        values = {
            OWNER: self.owner,
            RUN: self.run_id,
            LIFETIME: _whole(self.max_lifetime_s),
            IDLE: _whole(self.idle_timeout_s),
            REQUEST: self.request,
        }
        return [{"Key": key, "Value": value} for key, value in values.items() if value is not None]


@dataclass(frozen=True)
class Owned:
    """A cluster that is ours: by its tags and by the token in its name."""

    token: Token
    ownership: Ownership


def owned(cluster: Mapping[str, Any], owner: str) -> Owned | None:
    """Read a description (`Cluster`); None where the owner's tag or the token is missing, or the tag is another's."""
    token = token_of(str(cluster.get("Name", "")))
    tags = {str(tag.get("Key")): str(tag.get("Value", "")) for tag in cluster.get("Tags", [])}
    if token is None or tags.get(OWNER) != owner:
        return None
    limits = (_seconds(tags.get(LIFETIME)), _seconds(tags.get(IDLE)))
    return Owned(token, Ownership(owner, tags.get(RUN), *limits, tags.get(REQUEST)))


def _whole(seconds: float | None) -> str | None:
    return None if seconds is None else str(int(seconds))


def _seconds(text: str | None) -> float | None:
    """Read a limit; one that somebody has made unreadable is none."""
    return float(text) if text is not None and text.isdecimal() else None
