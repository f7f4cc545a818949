"""The keys of a pipeline file and of a job in it, and their types."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.config.near import meant
from orchestrator.config.pipeline_rules.keys_of_events import ActionKeys, TriggerKeys
from orchestrator.findings import Level, ValuePath, shown
from orchestrator.job_spec import Format
from orchestrator.problems import Problem
from orchestrator.secrets import redact

_STRICT: Final = ConfigDict(strict=True, extra="forbid", frozen=True)
_WORDS: Final = {
    "string_type": "text (in quotes, where it looks like something else)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "names and values",
    "model_type": "names and values",
    "too_short": "at least one",
}


class JobKeys(BaseModel):
    """A job as it is written."""

    model_config = _STRICT

    entry_point: str
    inputs: Annotated[list[str], Field(min_length=1)]
    output: str
    quarantine: str | None = None
    follows: list[str] = []
    arguments: list[str | int] = []
    spark_conf: dict[str, str | int | float | bool] = {}
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    time_limit_minutes: Annotated[int, Field(ge=1, le=10_080)] | None = None
    pin_inputs: bool | None = None
    format: Format = "parquet"


class PipelineKeys(BaseModel):
    """The file as it is written, but for its jobs, which are looked at one by one."""

    model_config = _STRICT

    name: str
    cluster: str | None = None
    jobs: Annotated[dict[str, Any], Field(min_length=1)]
    trigger: TriggerKeys | None = None
    then: Annotated[list[ActionKeys], Field(max_length=20)] = []


# What stands for a key without a good value, so that the rest of its job can be looked at.
_EMPTY: Final[Mapping[str, Any]] = {"entry_point": "", "inputs": [], "output": ""}


@dataclass(frozen=True)
class Checked:
    """The pipeline's keys, and those of each job, with nothing where something is wrong; `faulty` says where."""

    name: str | None
    cluster: str | None
    jobs: Mapping[str, JobKeys]
    problems: tuple[Problem, ...]
    faulty: frozenset[ValuePath]
    trigger: TriggerKeys | None = None
    then: tuple[ActionKeys, ...] = ()


def check_keys(value: Mapping[str, Any]) -> Checked:
    """Hold a file's value against its keys."""
    faults = _faults(PipelineKeys, value)
    problems = list(_problems(faults, PipelineKeys, value, ()))
    faulty = {_place(each, value) for each in faults}
    written = value.get("jobs")
    jobs: dict[str, JobKeys] = {}
    for name, keys in written.items() if isinstance(written, dict) else ():
        of_job = _faults(JobKeys, keys)
        problems += _problems(of_job, JobKeys, keys, ("jobs", name))
        faulty |= {("jobs", name, *_place(each, keys)) for each in of_job}
        if isinstance(keys, dict):
            jobs[name] = JobKeys.model_construct(**_repaired(keys, [_place(each, keys) for each in of_job]))
    name, cluster = (None if (key,) in faulty else value.get(key) for key in ("name", "cluster"))
    events = {
        key: value.get(key)
        for key in ("trigger", "then")
        if not any(key == each[0] for each in faulty if each)
    }
    trigger = TriggerKeys.model_validate(events["trigger"]) if events.get("trigger") is not None else None
    then = tuple(ActionKeys.model_validate(each) for each in events.get("then") or ())
    return Checked(name, cluster, jobs, tuple(problems), frozenset(faulty), trigger, then)


def _faults(model: type[BaseModel], value: Any) -> list[Any]:
    try:
        model.model_validate(value)
    except ValidationError as fault:
        return list(fault.errors(include_url=False, include_input=False))
    return []


def _problems(
    faults: Sequence[Any], model: type[BaseModel], value: Any, path: ValuePath
) -> Iterator[Problem]:
    """Tell of each place once: where one of several types is accepted, pydantic tells of each type."""
    accepted: dict[ValuePath, list[str]] = {}
    names = ", ".join(model.model_fields)
    for each in faults:
        place, kind = each["loc"], each["type"]
        if kind == "missing":
            yield _problem((*path, *place[:-1]), f"the key {place[-1]} is missing", None, f"the keys {names}")
        elif kind == "extra_forbidden":
            unknown = f"unknown key{meant(str(place[-1]), model.model_fields)}"
            yield _problem((*path, *place), unknown, None, f"one of {names}")
        else:
            accepted.setdefault(_place(each, value), []).append(_words(each))
    for at, words in accepted.items():
        met = redact(shown(_value_at(value, at)))
        yield _problem((*path, *at), "not what is accepted here", met, " or ".join(dict.fromkeys(words)))


def _repaired(keys: Mapping[str, Any], places: Sequence[ValuePath]) -> dict[str, Any]:
    """Put nothing in the place of what is wrong."""
    made = deepcopy(dict(keys))
    for place in dict.fromkeys(places):
        within = _value_at(made, place[:-1])
        if isinstance(within, list):
            within[int(place[-1])] = ""
        elif len(place) == 1 and place[0] in _EMPTY:
            within[place[0]] = deepcopy(_EMPTY[str(place[0])])
        else:
            within.pop(place[-1], None)
    return made


def _place(fault: Any, value: Any) -> ValuePath:
    """Return where a fault is: what is missing is where it should be."""
    place: ValuePath = tuple(fault["loc"])
    return place if fault["type"] == "missing" else _within(value, place)


def _words(fault: Any) -> str:
    context = fault.get("ctx", {})
    bounds = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
    if fault["type"] in bounds:
        words, name = bounds[fault["type"]]
        return f"{words} {context[name]}"
    if fault["type"] == "literal_error":
        return str(context["expected"])
    return _WORDS.get(fault["type"], str(fault["msg"]))


def _within(value: Any, place: Sequence[str | int]) -> ValuePath:
    """Return as much of a place as there is in the value: pydantic adds which of several types it tried."""
    for length, part in enumerate(place):
        is_there = (
            part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
        )
        if not is_there:
            return tuple(place[:length])
        value = value[part]
    return tuple(place)


def _value_at(value: Any, place: ValuePath) -> Any:
    for part in place:
        value = value[part]
    return value


def _problem(path: ValuePath, problem: str, value: str | None, expected: str) -> Problem:
    return Problem(level=Level.ERROR, path=path, problem=problem, value=value, expected=expected)
