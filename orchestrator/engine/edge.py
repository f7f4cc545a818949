"""What the engine touches of the world, and the bounds within which it promises anything."""

from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Emr
from orchestrator.aws.store import Store


@dataclass(frozen=True)
class Bounds:
    """What nothing is begun twice within, in seconds; the numbers stand in docs/decisions/0009.

    `list_lag_s`: until a list shows what was begun. `claim_s`: how long a claim lets its holder begin a call.
    `call_s`: how long a call takes at most, an orchestrator's pause before it included. `skew_s`: how far the clocks of
    machines are apart. `lease_s`: how long a table's lease holds without being renewed.
    """

    list_lag_s: float = 60
    claim_s: float = 60
    call_s: float = 90
    skew_s: float = 10
    lease_s: float = 300
    poll_s: float = 10

    @property
    def takeover_s(self) -> float:
        """How old a claim is when no call can be under way any more, and lists show what it has begun."""
        return self.claim_s + self.call_s + self.list_lag_s + self.skew_s


@dataclass(frozen=True)
class Edge:
    """The world; `nonce` gives a text that nobody else has, `say` tells the user what goes on."""

    emr: Emr
    store: Store
    clock: Clock
    nonce: Callable[[], str]
    bounds: Bounds = field(default_factory=Bounds)
    say: Callable[[str], None] = lambda _text: None

    def pause(self, until: float) -> bool:
        """Wait until it is time to look again; False where the time is over."""
        left_s = until - self.clock.now()
        if left_s <= 0:
            return False
        self.clock.sleep(min(self.bounds.poll_s, left_s))
        return True
