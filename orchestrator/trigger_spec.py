"""What makes a pipeline run by itself, and what follows a run of it, as its file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MOST_OBJECTS = 1_000_000
GIB = 1024**3
# What stands for the run in the texts of actions.
RUN_ID = "${run.id}"


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """Events of objects that make a pipeline run.

    `job` is the one that reads the objects: their buckets and prefixes are its inputs. `queue` brings the events,
    `dead_letter_queue` takes what nobody can make anything of. Objects are gathered until they are `max_batch_bytes`
    or `max_objects`, or one of them has waited for `max_wait_s`; a batch whose run fails is tried `max_attempts` times.
    """

    job: str
    queue: str
    dead_letter_queue: str
    max_batch_bytes: int
    max_objects: int
    max_wait_s: float
    max_attempts: int


ActionKind = Literal["query", "message", "notification", "run"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that follows a run that has succeeded.

    A `query` (of Athena) has text, workgroup, and where it says so a database and a place for its results; a `message`
    a queue, a `notification` a topic, both perhaps a text of their own; a `run` a pipeline of `pipelines/` and values
    for its variables.
    """

    kind: ActionKind
    text: str = ""
    target: str = ""
    database: str | None = None
    results: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
