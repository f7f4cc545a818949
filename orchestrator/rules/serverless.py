"""Rules of an application of EMR Serverless, and of what its job runs have."""

import shlex
from collections.abc import Iterator
from typing import Final

from orchestrator.identity import APPLICATION_NAME, MOST_OF_APPLICATION, Token
from orchestrator.rules.application import JOB_RUN, PARAMETERS, Application
from orchestrator.rules.rule import Fault, Rule, error, is_outside
from orchestrator.rules.workers import is_cpu, memory_fault

REFERENCE: Final = "https://docs.aws.amazon.com/emr-serverless/latest/APIReference"
GUIDE: Final = "https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide"
# A token and the stroke before it; the number of an application in its row may have three digits.
_MOST_OF_NAME: Final = MOST_OF_APPLICATION - len(str(Token("0" * 20, 999))) - 1
_FIRST: Final = (6, 6)
_WITH_RETRIES: Final = (7, 1)
_WITH_SCHEDULER: Final = (7, 0)
_MOST_MINUTES: Final = 10_080
_MOST_ATTEMPTS: Final = 10
_KINDS: Final = {"DRIVER", "EXECUTOR"}
_DISK: Final = (20, 200)
_SHUFFLE_DISK: Final = (20, 2000)
_SCHEDULER: Final = {"maxConcurrentRuns": (1, 1000), "queueTimeoutMinutes": (15, 720)}
# Who fills in what, whatever a file says: the orchestrator, of each application and each job run.
_OURS: Final = (
    ("clientToken",),
    (JOB_RUN, "applicationId"),
    (JOB_RUN, "clientToken"),
    (JOB_RUN, "name"),
    (JOB_RUN, "jobDriver", "sparkSubmit", "entryPoint"),
    (JOB_RUN, "jobDriver", "sparkSubmit", "entryPointArguments"),
)
_REFUSED_OPTIONS: Final = {"--py-files", "--deploy-mode", "--master", "--name", "--class", "--archives"}
_ARCHIVES: Final = (".tar.gz", ".tgz", ".zip", ".tar")


def name_of_application(application: Application) -> Iterator[Fault]:
    """Name of an application: letters, digits and ._/#-, with room for the token."""
    name = application.request.get("name", "")
    if not APPLICATION_NAME.fullmatch(name) or len(name) > _MOST_OF_NAME:
        expected = f"1 to {_MOST_OF_NAME} of A-Z, a-z, 0-9 and ._/#-"
        yield Fault(("name",), "no name that the token fits to", name or None, expected)


def engine(application: Application) -> Iterator[Fault]:
    """type: SPARK, as jobs are Spark's."""
    kind = application.request.get("type")
    if kind is not None and kind.upper() != "SPARK":
        yield Fault(("type",), "jobs run in Spark", kind, "SPARK")


def release_of_application(application: Application) -> Iterator[Fault]:
    """releaseLabel: emr-X.Y.Z or emr-spark-X.Y.Z from 6.6.0 on."""
    label = application.request.get("releaseLabel")
    if label is not None and (application.release is None or application.release < _FIRST):
        yield Fault(("releaseLabel",), "no release of EMR Serverless", label, "such as emr-7.14.0")


def workers(application: Application) -> Iterator[Fault]:
    """initialCapacity: DRIVER and EXECUTOR, in the sizes that there are."""
    for each in application.workers:
        if each.kind.upper() not in _KINDS:
            yield Fault(each.path, "no kind of worker of Spark", each.kind, "DRIVER or EXECUTOR")
        cpu, memory, disk = each.size.cpu, each.size.memory, each.size.disk
        path = (*each.path, "workerConfiguration")
        if not is_cpu(cpu):
            yield Fault((*path, "cpu"), "no size of a worker", cpu, "1, 2, 4, 8, 16 or 32 vCPU")
        elif fault := memory_fault(cpu, memory):
            yield Fault((*path, "memory"), f"no size of a worker of {cpu} vCPU", f"{memory} GB", fault)
        low, high = _SHUFFLE_DISK if each.is_shuffle else _DISK
        if is_outside(disk, low, high):
            yield Fault((*path, "disk"), "no size of a worker's disk", f"{disk} GB", f"{low} to {high} GB")


def initial_within_maximum(application: Application) -> Iterator[Fault]:
    """maximumCapacity: at least what is pre-initialised."""
    limit = application.maximum
    if limit is None:
        return
    for name in ("cpu", "memory", "disk"):
        wanted = sum(each.count * getattr(each.size, name) for each in application.workers)
        most = getattr(limit, name)
        if wanted > most and (most or name != "disk"):  # without a disk it limits none
            yield Fault(("maximumCapacity", name), "less than initialCapacity", most, f"at least {wanted}")


def starts_itself(application: Application) -> Iterator[Fault]:
    """autoStartConfiguration: enabled, as nobody else starts an application that has stopped."""
    if (application.request.get("autoStartConfiguration") or {}).get("enabled") is False:
        path = ("autoStartConfiguration", "enabled")
        yield Fault(path, "an application that has stopped would take no job run", False, "true")


def scheduler(application: Application) -> Iterator[Fault]:
    """schedulerConfiguration: from 7.0.0 on; 1 to 1,000 runs at once, 15 to 720 minutes in the queue."""
    told = application.request.get("schedulerConfiguration")
    if told is not None and application.lacks(_WITH_SCHEDULER):
        yield Fault(("schedulerConfiguration",), "with an older release", expected="release 7.0.0 or later")
    for name, (low, high) in _SCHEDULER.items():
        value = (told or {}).get(name)
        if is_outside(value, low, high):
            yield Fault(("schedulerConfiguration", name), "out of range", value, f"{low} to {high}")


def filled_in(application: Application) -> Iterator[Fault]:
    """Tokens, names, entry points and their arguments: filled in by the orchestrator."""
    for path in _OURS:
        found: object = application.job_run if path[0] == JOB_RUN else application.request
        for name in path[path[0] == JOB_RUN :]:
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            yield Fault(path, "the orchestrator fills it in", found, "nothing")


def driver(application: Application) -> Iterator[Fault]:
    """jobDriver: sparkSubmit, in mode BATCH, as a run has an end."""
    if "hive" in (application.job_run.get("jobDriver") or {}):
        yield Fault((JOB_RUN, "jobDriver", "hive"), "jobs are Spark's", expected="sparkSubmit")
    mode = application.job_run.get("mode", "BATCH")
    if mode != "BATCH":
        yield Fault((JOB_RUN, "mode"), "a run of a pipeline has an end", mode, "BATCH, or nothing")


def execution_timeout(application: Application) -> Iterator[Fault]:
    """executionTimeoutMinutes: 1 to 10,080; 0, for none, before 7.11.0 only."""
    minutes = application.job_run.get("executionTimeoutMinutes")
    if minutes == 0 and application.lacks((7, 11)):
        return
    if is_outside(minutes, 1, _MOST_MINUTES):
        yield Fault((JOB_RUN, "executionTimeoutMinutes"), "out of range", minutes, "1 to 10,080 minutes")


def retry_policy(application: Application) -> Iterator[Fault]:
    """retryPolicy: maxAttempts, 1 to 10, above 1 from 7.1.0 on; the other one is of streaming."""
    told = application.job_run.get("retryPolicy") or {}
    attempts = told.get("maxAttempts")
    path = (JOB_RUN, "retryPolicy", "maxAttempts")
    if is_outside(attempts, 1, _MOST_ATTEMPTS):
        yield Fault(path, "out of range", attempts, "1 to 10")
    elif attempts is not None and attempts > 1 and application.lacks(_WITH_RETRIES):
        yield Fault(path, "with an older release", attempts, "release 7.1.0 or later")
    if "maxFailedAttemptsPerHour" in told:
        path = (JOB_RUN, "retryPolicy", "maxFailedAttemptsPerHour")
        yield Fault(path, "of streaming jobs", expected="maxAttempts")


def parameters(application: Application) -> Iterator[Fault]:
    """sparkSubmitParameters: flags of spark-submit but those that the orchestrator gives."""
    try:
        words = shlex.split(application.parameters)
    except ValueError as fault:
        yield Fault(PARAMETERS, f"cannot be taken apart: {fault}", expected="quotes in pairs")
        return
    for word in words:
        if word.partition("=")[0] in _REFUSED_OPTIONS:
            yield Fault(PARAMETERS, "the orchestrator gives it", word, "none of it")
    if words and not words[0].startswith("-"):
        yield Fault(PARAMETERS, "begins with no flag", words[0], "such as --conf name=value")


def archive(application: Application) -> Iterator[Fault]:
    """environment: an archive on S3, instead of a spark.archives of one's own."""
    uri = application.environment
    if uri is None:
        return
    if not uri.startswith("s3://") or not uri.endswith(_ARCHIVES) or "#" in uri:
        yield Fault(
            ("environment",), "no archive on S3", uri, "s3://bucket/….tar.gz, as scripts/package makes it"
        )
    if "spark.archives" in application.spark():
        yield Fault(("environment",), "beside spark.archives, which it sets", expected="one of them")


def log_uri(application: Application) -> Iterator[Fault]:
    """logUri: s3://…."""
    path, uri = application.log_uri
    if uri is not None and not uri.startswith("s3://"):
        yield Fault(path, "no place on S3", uri, "s3://bucket/prefix/")


RULES: Final[tuple[Rule[Application], ...]] = (
    *error(f"{REFERENCE}/API_CreateApplication.html", name_of_application, engine),
    *error(f"{GUIDE}/release-versions.html", release_of_application),
    *error(f"{GUIDE}/app-behavior.html", workers, initial_within_maximum, starts_itself),
    *error(f"{GUIDE}/applications-concurrency-queuing.html", scheduler),
    *error(f"{REFERENCE}/API_StartJobRun.html", filled_in, driver, execution_timeout),
    *error(f"{GUIDE}/jobs-resiliency.html", retry_policy),
    *error(f"{GUIDE}/jobs-spark.html", parameters),
    *error(f"{GUIDE}/using-python-libraries.html", archive),
    *error(f"{GUIDE}/logging.html", log_uri),
)
