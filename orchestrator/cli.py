"""The command `orchestrator`: its groups of commands, and how an error becomes a message and an exit code.

Results go to standard output, everything else to standard error. Exit 0 done, 1 job or data failed, 2 wrong usage or
configuration, 3 AWS refused, 4 timed out, 130 interrupted.
"""

import errno
import signal
from typing import Any

import typer
from typer.core import TyperGroup

from orchestrator.commands.backfill import backfill
from orchestrator.commands.doctor import doctor
from orchestrator.commands.events import app as events_app
from orchestrator.commands.launch import launch, submit
from orchestrator.commands.ledger import app as ledger_app
from orchestrator.commands.list_clusters import list_clusters
from orchestrator.commands.logs import logs
from orchestrator.commands.package import deploy, package
from orchestrator.commands.plan import plan
from orchestrator.commands.reap import reap
from orchestrator.commands.run import run
from orchestrator.commands.runs import cancel, status
from orchestrator.commands.terminate import terminate
from orchestrator.commands.validate import schema, validate
from orchestrator.errors import FailedError, OrchestratorError
from orchestrator.local.commands import app as local_app
from orchestrator.secrets import redact


class _Commands(TyperGroup):
    """Turns our errors into a message and an exit code, in this one place for all commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except OrchestratorError as error:
            typer.echo(f"Error: {redact(str(error))}", err=True)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # who reads has read enough; typer knows that
                raise
            typer.echo(f"Error: {error.filename or 'standard output'}: {error.strerror}", err=True)
            raise typer.Exit(FailedError.exit_code) from error


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Run jobs on Amazon EMR, or on the embedded AWS of this machine.",
)
app.add_typer(local_app, name="local")
app.add_typer(events_app, name="events")
app.add_typer(ledger_app, name="ledger")
for _command in (
    *(validate, schema, plan, launch, submit, run, status, cancel, logs, terminate, reap),
    *(doctor, package, deploy, backfill),
):
    app.command()(_command)
app.command("list")(list_clusters)


def main() -> None:
    """Run the command line; a request to end is an interruption, so that what was begun is cleared away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)
    app(prog_name="orchestrator")
