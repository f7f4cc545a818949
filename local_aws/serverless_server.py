"""The embedded EMR Serverless over HTTP, on this machine alone: any client that takes an endpoint can use it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from werkzeug.wrappers import Request

from local_aws.api.rest import Asked, answer
from local_aws.api.wire import Answer
from local_aws.emr.faults import LostAnswerError
from local_aws.loopback import Start, hang_up
from local_aws.running.job_runner import LOGS, place
from local_aws.serverless.emulator import SERVICE, Serverless

# Where the dashboards of job runs are.
DASHBOARDS: Final = "/_local_aws/serverless"


class ServerlessApplication:
    """The embedded EMR Serverless as a WSGI application; `perform` does something at the present instant, alone.

    `folder` has what attempts write.
    """

    def __init__(
        self, serverless: Serverless, perform: Callable[[Callable[[], None]], None], folder: Path
    ) -> None:
        """Serve an EMR Serverless."""
        self.serverless, self._perform, self._folder = serverless, perform, folder

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        # The decoded path would have slashes where an ARN has them.
        path = str(environ.get("REQUEST_URI", environ["PATH_INFO"])).partition("?")[0]
        query = {name: request.args.getlist(name) for name in request.args}
        asked = Asked(request.method, path, query, request.get_data())
        told: list[Answer] = []
        lost: list[LostAnswerError] = []

        def act() -> None:
            try:
                told.append(answer(SERVICE, self.serverless.call, asked))
            except LostAnswerError as fault:
                lost.append(fault)

        self._perform(act)
        if lost:
            hang_up(environ, lost[0])
        start(f"{told[0].status} -", list(told[0].headers.items()))
        return [told[0].body]

    def dashboard(self, path: str) -> str | None:
        """Return what an attempt has written, which is all that a dashboard has here; None where there is no such."""
        parts = path.removeprefix(f"{DASHBOARDS}/").split("/")
        known = self.serverless.service.account.job_runs
        if len(parts) != 3 or parts[1] not in known or not parts[2].isdecimal():  # noqa: PLR2004 - its parts
            return None
        folder = self._folder / place(known[parts[1]].application_id, parts[1], int(parts[2]))
        files = [folder / name for name in LOGS if (folder / name).is_file()]
        return "".join(f"== {file.name}\n{file.read_text(errors='replace')}\n" for file in files)
