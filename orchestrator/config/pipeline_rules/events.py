"""What brings a pipeline's events, and what follows its runs: names, places, references."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from orchestrator.config.pipeline_rules.keys_of_events import ActionKeys, TriggerKeys
from orchestrator.findings import Level, ValuePath, shown
from orchestrator.job_spec import UPSTREAM, JobSpec
from orchestrator.problems import Problem
from orchestrator.secrets import redact
from orchestrator.trigger_spec import RUN_ID

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
_QUEUE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}|https?://[^/\s]+/\d{12}/[A-Za-z0-9_-]{1,80}")
_QUEUES: Final = "the name of a standard queue (its letters, digits, - and _, at most 80), or its URL"
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
_WORKGROUP: Final = re.compile(r"[a-zA-Z0-9._-]{1,128}")
_PLACE: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S*")
# https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
_MOST_SQL: Final = 262_144
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}")


def trigger_problems(trigger: TriggerKeys, jobs: Mapping[str, JobSpec]) -> Iterator[Problem]:
    """Yield what is wrong with what brings events."""
    for key in ("queue", "dead_letter_queue"):
        text = getattr(trigger, key)
        if not _QUEUE.fullmatch(text):
            yield _problem(("trigger", key), "not a queue", text, _QUEUES)
    if trigger.queue == trigger.dead_letter_queue:
        told = "is the queue that brings the events"
        yield _problem(("trigger", "dead_letter_queue"), told, trigger.queue, "another queue")
    readers = [spec.name for spec in jobs.values() if spec.pin_inputs]
    if trigger.job is not None and trigger.job not in readers:
        told = "no job of this pipeline that reads pinned objects"
        yield _problem(("trigger", "job"), told, trigger.job, f"one of {', '.join(readers) or 'none'}")
    elif trigger.job is None and len(readers) != 1:
        told = f"{len(readers)} jobs read pinned objects ({', '.join(readers) or 'none'})"
        yield _problem(("trigger",), told, None, "one of them named: job: …")


def reader(trigger: TriggerKeys, jobs: Mapping[str, JobSpec]) -> str:
    """Name the job that reads the objects of events."""
    return trigger.job or next((spec.name for spec in jobs.values() if spec.pin_inputs), "")


def action_problems(
    actions: Sequence[ActionKeys], jobs: Mapping[str, JobSpec], pipeline: str
) -> Iterator[Problem]:
    """Yield what is wrong with what follows a run."""
    for at, keys in enumerate(actions):
        path: ValuePath = ("then", at)
        if len(keys.named) != 1:
            expected = f"exactly one of {', '.join(ActionKeys.model_fields)}"
            yield _problem(path, f"{len(keys.named)} of the keys of an action", None, expected)
            continue
        yield from _of_action(keys, path, pipeline)
        action = keys.action()
        for found in _REFERENCE.finditer(action.text):
            if not _is_known(found.group(), jobs):
                known = f"{RUN_ID}, or ${{jobs.<name>.output|manifest|quarantine}} of a job of this pipeline"
                yield _problem((*path, keys.named[0]), "stands for nothing", found.group(), known)


def _of_action(keys: ActionKeys, path: ValuePath, pipeline: str) -> Iterator[Problem]:
    if keys.query is not None:
        where = (*path, "query")
        if not keys.query.sql.strip() or len(keys.query.sql.encode()) > _MOST_SQL:
            told = f"a query of {len(keys.query.sql.encode())} bytes"
            yield _problem((*where, "sql"), told, None, f"1 to {_MOST_SQL}")
        if not _WORKGROUP.fullmatch(keys.query.workgroup):
            told = "a-z, A-Z, 0-9, ., _ and -, at most 128"
            yield _problem((*where, "workgroup"), "not a workgroup", keys.query.workgroup, told)
        if keys.query.results is not None and not _PLACE.fullmatch(keys.query.results):
            yield _problem(
                (*where, "results"), "not a place on S3", keys.query.results, "s3://bucket/folder/"
            )
    if keys.message is not None and not _QUEUE.fullmatch(keys.message.queue):
        yield _problem((*path, "message", "queue"), "not a queue", keys.message.queue, _QUEUES)
    if keys.notification is not None and not _TOPIC.fullmatch(keys.notification.topic):
        told = "arn:aws:sns:<region>:<account>:<name>, of a standard topic"
        yield _problem((*path, "notification", "topic"), "not a topic", keys.notification.topic, told)
    if keys.run is not None and keys.run.pipeline == pipeline:
        told = "this pipeline itself: it would run for ever"
        yield _problem((*path, "run", "pipeline"), told, pipeline, "another one")


def _is_known(text: str, jobs: Mapping[str, JobSpec]) -> bool:
    found = UPSTREAM.fullmatch(text)
    return text == RUN_ID or (
        found is not None
        and found["job"] in jobs
        and getattr(jobs[found["job"]], found["what"], "") is not None
    )


def _problem(path: ValuePath, problem: str, value: str | None, expected: str) -> Problem:
    met = None if value is None else redact(shown(value))
    return Problem(level=Level.ERROR, path=path, problem=problem, value=met, expected=expected)
