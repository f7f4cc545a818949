"""The keys of `trigger` and of the actions below `then`."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.trigger_spec import GIB, MOST_OBJECTS, Action, Trigger

_STRICT: Final = ConfigDict(strict=True, extra="forbid", frozen=True)


class TriggerKeys(BaseModel):
    """What brings events, and how their objects are gathered."""

    model_config = _STRICT

    queue: str
    dead_letter_queue: str
    job: str | None = None
    max_batch_gib: Annotated[int | float, Field(gt=0, le=100_000)] = 64
    max_objects: Annotated[int, Field(ge=1, le=MOST_OBJECTS)] = 10_000
    max_wait_minutes: Annotated[int | float, Field(ge=0, le=10_080)] = 15
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3

    def trigger(self, job: str) -> Trigger:
        """Return what it means; `job` is the one that reads the objects where none is named."""
        return Trigger(
            job=self.job or job,
            queue=self.queue,
            dead_letter_queue=self.dead_letter_queue,
            max_batch_bytes=int(self.max_batch_gib * GIB),
            max_objects=self.max_objects,
            max_wait_s=self.max_wait_minutes * 60.0,
            max_attempts=self.max_attempts,
        )


class QueryKeys(BaseModel):
    """A query of Athena."""

    model_config = _STRICT

    sql: str
    workgroup: str = "primary"
    database: str | None = None
    results: str | None = None


class MessageKeys(BaseModel):
    """A message to a queue of SQS, by its name or URL."""

    model_config = _STRICT

    queue: str
    body: str = ""


class NotificationKeys(BaseModel):
    """A message to a topic of SNS, by its ARN."""

    model_config = _STRICT

    topic: str
    body: str = ""


class RunKeys(BaseModel):
    """A run of another pipeline, by its name in `pipelines/`, with variables of its file."""

    model_config = _STRICT

    pipeline: str
    variables: dict[str, str | int | float | bool] = {}


class ActionKeys(BaseModel):
    """One action: exactly one of its keys."""

    model_config = _STRICT

    query: QueryKeys | None = None
    message: MessageKeys | None = None
    notification: NotificationKeys | None = None
    run: RunKeys | None = None

    @property
    def named(self) -> list[str]:
        """Name the keys that it has."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]

    def action(self) -> Action:
        """Return what it means."""
        if self.query is not None:
            query = self.query
            return Action(
                kind="query",
                text=query.sql,
                target=query.workgroup,
                database=query.database,
                results=query.results,
            )
        if self.message is not None:
            return Action(kind="message", text=self.message.body, target=self.message.queue)
        if self.notification is not None:
            return Action(kind="notification", text=self.notification.body, target=self.notification.topic)
        assert self.run is not None  # noqa: S101 - the rules want exactly one of them
        return Action(kind="run", target=self.run.pipeline, variables=self.run.variables)
