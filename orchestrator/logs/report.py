"""Why a step failed: what EMR says of it, and the lines of its logs that explain it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Emr
from orchestrator.aws.objects import Objects
from orchestrator.errors import OrchestratorError
from orchestrator.logs.matter import MOST_LINES, lines_that_matter
from orchestrator.logs.places import Place, is_drivers, place_of
from orchestrator.logs.reading import Logs

# 256 MiB of a packed log; of a longer one the rest is not looked at.
_MOST_PARTS: Final = 64
# The last blocks win: so what says most comes last.
_ORDER: Final = ("controller", "syslog", "stderr", "stdout")


@dataclass(frozen=True)
class FailureReport:
    """What is known of a failed step; `where` says where its logs are, or why there are none."""

    reason: str
    message: str
    log_file: str
    lines: tuple[str, ...]
    where: str


def failure_report(
    emr: Emr,
    objects: Objects,
    cluster_id: str,
    step_id: str,
    until: float,
    redact: Callable[[str], str] = str,
) -> FailureReport:
    """Tell why a step failed. Never raises because of AWS: what could not be had is said in `where`."""
    step: Any = {"Id": step_id}
    found: tuple[str, ...] = ()
    try:
        step = emr.step(cluster_id, step_id, until)
        cluster = {"Id": cluster_id} if step.get("LogUri") else emr.cluster(cluster_id, until)
        place = place_of(cluster, step)
        where = "the cluster has no LogUri: EMR keeps no logs" if place is None else _uri(place)
        if place is not None:
            found = tuple(lines_that_matter(_lines(Logs(objects, place, redact), redact, until), MOST_LINES))
            where += (
                ""
                if found
                else " (nothing that explains it there yet: EMR puts logs there for some minutes more)"
            )
    except OrchestratorError as error:
        where = f"could not be looked at: {redact(str(error))}"
    told = step.get("Status", {}).get("FailureDetails", {})
    reason, message, log_file = (redact(told.get(name) or "") for name in ("Reason", "Message", "LogFile"))
    return FailureReport(reason, message, log_file, found, where)


def _uri(place: Place) -> str:
    return place.folder.uri(place.step_prefix)


def _lines(logs: Logs, redact: Callable[[str], str], until: float) -> Iterator[str]:
    def rank(key: str) -> tuple[bool, int, str]:
        name = key.rpartition("/")[2].removesuffix(".gz")
        return is_drivers(key), _ORDER.index(name) if name in _ORDER else -1, key

    for file in sorted(logs.files(until), key=lambda one: rank(one.key)):
        for line in logs.text(file, until, _MOST_PARTS):
            yield redact(line)
