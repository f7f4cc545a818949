"""What may stand in a step's arguments, and why the rest may not.

A step's arguments are a list that no shell of ours reads. What is refused here would load code from elsewhere, hand
out secrets, run the job twice, or be read as something else on its way: by EMR, by YARN, by Spark or by the job.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orchestrator.findings import shown
from orchestrator.rules.steps import MOST_CHARACTERS
from orchestrator.secrets import find_secrets, redact

COMMAND_RUNNER: Final = "command-runner.jar"
# The orchestrator waits for the driver's end. A second attempt of YARN would be a run that it knows nothing of, and
# one that a lost first driver may still be writing beside: who tries again is the orchestrator, after the end.
OWN_CONF: Final = {"spark.yarn.submit.waitAppCompletion": "true", "spark.yarn.maxAppAttempts": "1"}
# Flags of jobs that a pipeline's keys and the run itself fill in.
OWN_FLAGS: Final = frozenset(
    {"--output", "--quarantine", "--manifest", "--run-id", "--input", "--inputs-from", "--format"}
)
_FLAGS: Final = frozenset(
    {
        *("--deploy-mode", "--name", "--conf", "--py-files", "--queue"),
        *("--num-executors", "--executor-memory", "--executor-cores", "--driver-memory", "--driver-cores"),
    }
)
_CONF: Final = re.compile(r"(?P<name>spark\.[A-Za-z0-9_.-]+)=(?P<value>.*)", re.DOTALL)
_VARIABLES: Final = r"spark\.(?:yarn\.appmasterenv|executorenv)\."
_DENIED_CONF: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r".*javaoptions", "options of a JVM can load any code into it"),
        (r".*(?:extraclasspath|extralibrarypath|userclasspathfirst)", "classes come with the release alone"),
        (r"spark\.(?:jars|files|archives)(?:\..*)?", "code comes from the package alone"),
        (r"spark\.submit\.pyfiles", "code comes from the package alone"),
        (r"spark\.yarn\.(?:dist\..*|jars|archive)", "code comes from the package alone"),
        (r"spark\.(?:master|submit\.deploymode)", "where a step runs is the orchestrator's to say"),
        (r"spark\.(?:plugins|redaction\..*|kubernetes\..*)", "it undoes what protects the cluster"),
        (
            r"spark\.(?:authenticate|kerberos|yarn\.(?:keytab|principal))(?:\..*)?",
            "security is the cluster's",
        ),
        (
            rf"{_VARIABLES}(?!(?:pyspark_python|pyspark_driver_python|tz|lang|lc_all)$).*",
            "variables can load code",
        ),
        (
            r"spark\.hadoop\.fs\.s3[an]?\..*(?:key|secret|token|credential|password|provider|binding).*",
            "access to S3 comes from the cluster's role",
        ),
        (r"spark\.hadoop\.fs\..*(?:endpoint|proxy|impl)(?:\..*)?", "data would go by another way than AWS's"),
        (r"spark\.hadoop\.(?:hadoop|yarn|dfs)\..*", "security and storage are the cluster's"),
    )
)
# Which YARN replaces in the command of a container, whatever the quotes around them.
_YARNS_OWN: Final = re.compile(r"\{\{|\}\}|<(?:CPS|LOG_DIR)>")
_FLAG: Final = re.compile(r"--[a-z][a-z0-9-]*(?:=.*)?", re.DOTALL)
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PROGRAM: Final = re.compile(r"s3://(?P<bucket>[^/]+)/.+\.py")
_PACKAGE: Final = re.compile(r"s3://(?P<bucket>[^/]+)/.+\.zip")


class _Taken(NamedTuple):
    """A spark-submit taken apart: options with their values, and the program with its arguments."""

    options: list[tuple[str, str | None]]
    program: Sequence[str]


def argument_faults(arguments: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong in a step's arguments, from `spark-submit` to the job's own; no text shows a secret."""
    yield from text_faults(arguments)
    yield from (f"[{at}]: {fault}" for at, text in enumerate(arguments) for fault in beyond_ascii(text))
    yield from secret_faults(arguments)
    size = sum(map(characters, (COMMAND_RUNNER, *arguments)))
    if size > MOST_CHARACTERS:
        yield f"expected at most {MOST_CHARACTERS} characters in a step with its jar, got {size}; pin inputs by a list"
    if list(arguments[:1]) != ["spark-submit"]:
        yield f"expected spark-submit and its flags, got {_met(arguments[0]) if arguments else 'nothing'}"
        return
    taken = _take_apart(arguments[1:])
    yield from _option_faults(taken.options)
    yield from conf_faults([value or "" for name, value in taken.options if name == "--conf"])
    yield from _own_faults(taken)
    yield from _program_faults(taken)
    yield from job_flag_faults(taken.program[1:])


def text_faults(texts: Sequence[str]) -> Iterator[str]:
    """Yield what no text on its way to a step may hold, with the text's number."""
    yield from (f"[{at}]: {fault}" for at, text in enumerate(texts) for fault in faults_of_text(text))


def faults_of_text(text: str) -> Iterator[str]:
    """Yield what a text may not hold on its way to a step."""
    for character in dict.fromkeys(filter(_is_refused, text)):
        yield f"expected no control character, lone surrogate or line end, got U+{ord(character):04X}"
    if found := _YARNS_OWN.search(text):
        yield f"expected no {found.group()}: YARN puts something else in its place, got {_met(text)}"


def beyond_ascii(text: str) -> Iterator[str]:
    """Yield the first character that may not arrive: measured, a JVM in the locale C makes `?` of it without a word.

    Which locale a node's services have AWS does not say, and two tables would meet in one place.
    """
    found = next((character for character in text if not character.isascii()), None)
    if found and not _is_refused(found):
        yield f"expected ASCII, got U+{ord(found):04X}: a JVM that has no UTF-8 locale would hand on '?'"


def secret_faults(texts: Sequence[str]) -> Iterator[str]:
    """Yield which texts hold secrets, without showing them."""
    for path, kind in find_secrets(list(texts)):
        yield f"[{path[0]}]: holds what looks like a secret ({kind}): all who may describe the cluster can read it"


def conf_faults(pairs: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong in values of `--conf`."""
    seen: set[str] = set()
    for pair in pairs:
        found = _CONF.fullmatch(pair)
        if not found:
            yield f"--conf: expected spark.<name>=<value>, got {_met(pair)}"
            continue
        name, value = found["name"], found["value"]
        if name in seen:
            yield f"--conf {name}: expected it once: the last would win without a word"
        seen.add(name)
        why = next((why for pattern, why in _DENIED_CONF if pattern.fullmatch(name)), None)
        if why:
            yield f"--conf {name}: is refused: {why}"
        if name in OWN_CONF and value != OWN_CONF[name]:
            yield f"--conf {name}: expected {OWN_CONF[name]}, for it is the orchestrator that waits and tries again"
        if "${" in value:
            yield f"--conf {name}: expected a literal value, got {_met(value)}: Spark would look up what ${{…}} names"


def job_flag_faults(arguments: Sequence[str]) -> Iterator[str]:
    """Yield what a job would take for something else than it is."""
    for argument in arguments:
        if argument.startswith("-") and not _FLAG.fullmatch(argument):
            yield (
                f"{_met(argument)}: expected --flag, --flag=value or a value that does not begin with '-'; "
                "write such a value as --flag=value"
            )


def own_flag_faults(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the flags that the orchestrator gives a job itself."""
    for argument in arguments:
        flag = argument.partition("=")[0]
        if flag in OWN_FLAGS:
            yield f"{flag}: expected it to be left to the orchestrator, which fills it in from keys and the run"


def characters(text: str) -> int:
    """Count as Java does, in which a character beyond U+FFFF is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _option_faults(options: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in options:
        if name not in _FLAGS:
            yield f"spark-submit {_met(name)}: is refused; accepted: {', '.join(sorted(_FLAGS))}"
        elif value is None or value.startswith("-"):
            yield f"spark-submit {name}: expected a value that does not begin with '-', got {_met(value)}"
    names = [name for name, _ in options if name != "--conf"]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield f"spark-submit {_met(name)}: expected it once: the last would win without a word"


def _own_faults(taken: _Taken) -> Iterator[str]:
    options = dict(taken.options)
    if options.get("--deploy-mode") != "cluster":
        yield (
            "spark-submit --deploy-mode: expected cluster: a driver on the primary node is lost with it, "
            f"got {_met(options.get('--deploy-mode'))}"
        )
    given = {str(value).partition("=")[0] for name, value in taken.options if name == "--conf"}
    for name, value in OWN_CONF.items():
        if name not in given:
            yield f"--conf {name}: expected {value}, got nothing"


def _program_faults(taken: _Taken) -> Iterator[str]:
    program = taken.program[0] if taken.program else None
    package = dict(taken.options).get("--py-files")
    found, packed = _PROGRAM.fullmatch(program or ""), _PACKAGE.fullmatch(package or "")
    if not found:
        yield f"expected a program s3://<bucket>/….py after the flags of spark-submit, got {_met(program)}"
    if not packed:
        yield f"spark-submit --py-files: expected one s3://<bucket>/….zip, got {_met(package)}"
    if found and packed and found["bucket"] != packed["bucket"]:
        yield f"spark-submit --py-files: expected it in the program's bucket, {found['bucket']}, got {_met(package)}"


def _take_apart(arguments: Sequence[str]) -> _Taken:
    """Read as spark-submit does: each flag takes the next argument, the first that is no flag is the program."""
    options: list[tuple[str, str | None]] = []
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        name, equals, value = arguments[at].partition("=")
        if equals:
            options.append((name, value))
            at += 1
        else:
            options.append((name, arguments[at + 1] if at + 1 < len(arguments) else None))
            at += 2
    return _Taken(options, arguments[at:])


def _is_refused(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or character in _BIDI
        or ord(character) in (0xFFFE, 0xFFFF)
    )


def _met(value: str | None) -> str:
    return "nothing" if value is None else redact(shown(value))
