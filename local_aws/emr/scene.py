"""What the worlds of the embedded services share: a time that whoever uses them moves, draws of a seed, and a trace."""

from dataclasses import dataclass, field
from typing import ClassVar

from local_aws.emr.agenda import Agenda
from local_aws.emr.draws import draw_for


@dataclass
class Scene:
    """An account in its Region; `draws` names what a service draws, so that no two draw the same."""

    seed: str
    region: str
    account: str
    agenda: Agenda
    trace: list[str] = field(init=False, default_factory=list)

    draws: ClassVar[str] = "durations"

    @property
    def now(self) -> int:
        """This instant, in milliseconds of the Unix epoch."""
        return self.agenda.now

    def draw(self, between: tuple[int, int], *what: object) -> int:
        """Draw a duration for a thing, the same each time."""
        low, high = between
        return low + int((high - low) * draw_for(self.seed, self.draws, *what).random())

    def say(self, *what: object) -> None:
        """Write a line of the trace."""
        self.trace.append(" ".join(map(str, (self.now, *what))))
