"""Where jobs read and write: on S3, each table in a place of its own."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from orchestrator.findings import Level, ValuePath, shown
from orchestrator.job_spec import UPSTREAM, JobSpec
from orchestrator.problems import Problem
from orchestrator.secrets import redact

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_URI: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?", re.DOTALL)
_HDFS: Final = re.compile(r"hdfs://[A-Za-z0-9.:_-]*/.+")
_WILDCARDS: Final = frozenset("*?[]{}")
# The orchestrator's own, in any bucket that it is given.
_RESERVED: Final = ("_state", "artifacts")
_OUTPUT: Final = (
    "s3://bucket/folder: what lasts lies on S3; HDFS goes with the cluster, a local path with the node"
)
_INPUT: Final = "s3://bucket/folder/, hdfs:///folder or ${jobs.<name>.output}"


class _Place(NamedTuple):
    """A table or a quarantine, without a slash at its end."""

    uri: str
    job: str
    key: str


def place_problems(jobs: Mapping[str, JobSpec]) -> Iterator[Problem]:
    """Yield places that are none, and those that lie in each other."""
    written = []
    for job in jobs.values():
        for place in _written(job):
            fault = _output_fault(place.uri)
            if fault:
                yield _problem(_path(place), fault, place.uri, _OUTPUT)
            else:
                written.append(_Place(place.uri.rstrip("/"), job.name, place.key))
    yield from _nested(written)
    index = {f"{place.uri}/": place for place in written}
    for job in jobs.values():
        yield from _input_problems(job, index, sorted(index))


def is_pinnable(inputs: Iterable[str]) -> bool:
    """Tell whether the orchestrator can list inputs before the run: they are on S3, and of no other job."""
    return all(text.startswith("s3://") and not UPSTREAM.search(text) for text in inputs)


def _written(job: JobSpec) -> Iterator[_Place]:
    yield _Place(job.output, job.name, "output")
    if job.quarantine is not None:
        yield _Place(job.quarantine, job.name, "quarantine")


def _output_fault(uri: str) -> str | None:
    found = _URI.fullmatch(uri)
    if not found:
        return "not a place on S3"
    key = (found["key"] or "").rstrip("/")
    if not key:
        return "a whole bucket"
    if key.split("/")[0] in _RESERVED:
        return "the orchestrator's own folder"
    return _key_fault(key)


def _key_fault(key: str) -> str | None:
    """Tell what Hadoop would read otherwise than it is written."""
    if {"", ".", ".."} & set(key.split("/")):
        return "an empty part, '.' or '..' in a place"
    if _WILDCARDS & set(key):
        return "a wildcard or a variable without a value in a place"
    return None


def _nested(written: Iterable[_Place]) -> Iterator[Problem]:
    """Find places within others: sorted, what is within a place comes right after it."""
    around: list[_Place] = []
    for place in sorted(written, key=lambda each: f"{each.uri}/"):
        while around and not f"{place.uri}/".startswith(f"{around[-1].uri}/"):
            around.pop()
        if around:
            other = ".".join(map(str, _path(around[-1])))
            how = "is" if place.uri == around[-1].uri else "lies within"
            yield _problem(_path(place), f"{how} {other}", place.uri, "a folder that no other job or key has")
        around.append(place)


def _input_problems(job: JobSpec, written: Mapping[str, _Place], uris: Sequence[str]) -> Iterator[Problem]:
    for at, text in enumerate(job.inputs):
        path: ValuePath = ("jobs", job.name, "inputs", at)
        if "${jobs" in text:
            yield from _reference_problems(text, path, is_pinned=job.pin_inputs)
            continue
        if fault := _input_fault(text, is_pinned=job.pin_inputs):
            yield _problem(path, fault, text, _INPUT)
            continue
        for uri in _touching(f"{text.rstrip('/')}/", written, uris):
            yield _problem(path, *_overlap(job, written[uri], text))


def _reference_problems(text: str, path: ValuePath, *, is_pinned: bool) -> Iterator[Problem]:
    if UPSTREAM.search(text) and not UPSTREAM.fullmatch(text):
        yield _problem(path, "more than another job's place", text, "${jobs.<name>.output} alone")
    elif is_pinned:
        told = "what another job writes cannot be pinned: its run has not been yet"
        yield _problem(path, told, text, "pin_inputs: false, or the key left out")


def _overlap(job: JobSpec, place: _Place, text: str) -> tuple[str, str, str]:
    if place.job == job.name:
        return f"lies in its own {place.key}, or around it", text, "inputs apart from what the job writes"
    reference = f"${{jobs.{place.job}.{place.key}}}"
    return f"is what the job {place.job} writes", text, f"{reference}, and follows: [{place.job}]"


def _input_fault(text: str, *, is_pinned: bool) -> str | None:
    if _HDFS.fullmatch(text):
        return "inputs on HDFS cannot be pinned: say pin_inputs: false" if is_pinned else None
    found = _URI.fullmatch(text)
    if not found:
        return "not a place to read from"
    key = (found["key"] or "").rstrip("/")
    return _key_fault(key) if key else None


def _touching(uri: str, written: Collection[str], uris: Sequence[str]) -> Iterator[str]:
    """Find those around a place, then those within it, among sorted ones; each ends in a slash."""
    folders = (uri[: at + 1] for at, character in enumerate(uri[:-1]) if character == "/")
    yield from (folder for folder in folders if folder in written)
    for each in uris[bisect_left(uris, uri) :]:
        if not each.startswith(uri):
            return
        yield each


def _path(place: _Place) -> ValuePath:
    return ("jobs", place.job, place.key)


def _problem(path: ValuePath, problem: str, value: str, expected: str) -> Problem:
    return Problem(
        level=Level.ERROR, path=path, problem=problem, value=redact(shown(value)), expected=expected
    )
