"""What the commands about events share: a pipeline by its name, its road, and who works on it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from orchestrator.aws.objects import Objects
from orchestrator.commands.asking import Saying, edge_of
from orchestrator.commands.context import Context
from orchestrator.commands.following import follow_up
from orchestrator.config.variables import parse_variables
from orchestrator.engine.drive import Rules
from orchestrator.engine.records import RunRecord
from orchestrator.events.draining import Crew
from orchestrator.events.road import Doing, Road, road
from orchestrator.events.runs import SLICE_S
from orchestrator.findings import refuse_errors
from orchestrator.planning.files import job_name, load_files
from orchestrator.planning.inputs import Listing
from orchestrator.verbs.launch import launch
from orchestrator.verbs.plan import Asked, Planned
from orchestrator.verbs.plan import plan as plan_it
from orchestrator.verbs.run import judging

PipelineName = Annotated[
    str, typer.Argument(help="A pipeline that has a trigger: its file, or its name.", metavar="PIPELINE")
]
_LOCAL_SLICE_S: Final = 5.0
_TO_FOLLOW_S: Final = 60.0


def road_of(found: Context, named: str, variables: list[str], poll_s: float | None = None) -> Road:
    """Load a pipeline, and return its road.

    Raises:
        FindingsError: Its file has errors.
        UsageError: There is no such pipeline, or it has no trigger.
    """
    found.ensure_bucket()
    at = job_name(named)
    pipeline, _ = load_files(at.path, None, parse_variables(variables), found.bucket)
    assert pipeline is not None  # noqa: S101 - a file was named
    refuse_errors(pipeline.findings)
    return road(pipeline, edge_of(found, poll_s), found.store)


def crew_of(
    found: Context,
    made: Road,
    named: str,
    variables: list[str],
    cluster: str | None,
    slice_s: float = SLICE_S,
) -> Crew:
    """Put together who works on a road; a run is driven for `slice_s` in each turn."""
    edge, objects = made.edge, Objects(found.s3, found.clock)
    given = parse_variables(variables)

    def plan(key: str, listed: Mapping[str, Listing], until: float) -> Planned:
        asked = Asked(named, cluster=cluster, key=key, variables=given, listed=listed)
        return plan_it(edge, objects, found.bucket, asked, until)

    def begin(planned: Planned, until: float) -> object:
        return launch(edge, found.s3, planned, until)

    def followed(record: RunRecord, until: float) -> object:
        return follow_up(found, edge, record, min(until, found.until(_TO_FOLLOW_S)))

    doing = Doing(plan, begin, followed, Rules(judging(edge, objects)))
    turning = made.turning(
        objects, doing, min(slice_s, _LOCAL_SLICE_S) if found.account.is_local else slice_s
    )
    sqs: Any = found.account.client("sqs")
    return Crew(made, turning, sqs, Saying().say)
