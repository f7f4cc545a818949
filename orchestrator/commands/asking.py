"""What plan, launch, submit and run share: their options, and the world that they work in."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from orchestrator.aws.objects import Objects
from orchestrator.commands.context import Context
from orchestrator.commands.printing import say
from orchestrator.engine.edge import Bounds, Edge
from orchestrator.verbs.plan import Asked, Planned
from orchestrator.verbs.plan import plan as plan_it

What = Annotated[
    str,
    typer.Argument(
        help="A pipeline (its file, or its name in pipelines/), PIPELINE:JOB for one job of it, or a plan's file.",
        metavar="PIPELINE[:JOB]",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        help="A running cluster (j-…), or a cluster's file, instead of the pipeline's own.", metavar="ID|FILE"
    ),
]
Job = Annotated[
    str | None,
    typer.Option(help="With a cluster's file: the job that it is launched for.", metavar="PIPELINE:JOB"),
]
Key = Annotated[
    str | None,
    typer.Option(
        help="What makes this another run than the last one; by default a hash of the inputs' listing."
    ),
]
Var = Annotated[list[str], typer.Option("--var", help="A variable of the files.", metavar="NAME=VALUE")]
ANOTHER: Final = "another run needs other inputs, or another --key"
# The embedded AWS answers at once, and forgets nothing: who died over a call is known to be dead after seconds.
LOCAL_BOUNDS: Final = Bounds(list_lag_s=2, claim_s=10, call_s=10, skew_s=0, lease_s=30, poll_s=0.5)


def edge_of(found: Context, poll_s: float | None = None) -> Edge:
    """Return the world of a command."""
    bounds = LOCAL_BOUNDS if found.account.is_local else Bounds()
    if poll_s is not None:
        bounds = Bounds(**{**vars(bounds), "poll_s": poll_s})
    return Edge(found.emr, found.store, found.clock, lambda: secrets.token_hex(8), bounds, Saying().say)


@dataclass
class Saying:
    """Tells the user what goes on, and not again what was told last: who waits looks every few seconds."""

    told: str = ""

    def say(self, text: str) -> None:
        """Say it, where it is news."""
        if text != self.told:
            self.told = text
            say(text)


def tell_warnings(made: Planned) -> None:
    """Give the advice on a cluster's file where a cluster is launched by it; where it lives, it has been given."""
    if made.launches:
        for warning in made.plan.warnings:
            say(warning)


def planned(found: Context, edge: Edge, asked: Asked, until: float) -> Planned:
    """Plan what is asked for, and say where a cluster that lives is another one than the file asks for."""
    found.ensure_bucket()
    made = plan_it(edge, Objects(found.s3, found.clock), found.bucket, asked, until)
    if made.standing.unlike is not None:
        say(made.standing.unlike)
    return made
