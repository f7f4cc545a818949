"""Ends our clusters that are over their limits, or that nobody needs: by EMR's own answers, without our state.

Whoever runs it every two minutes bounds lifetimes, though every orchestrator be dead.
"""

from dataclasses import dataclass, field
from typing import Final

from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Emr
from orchestrator.errors import OrchestratorError
from orchestrator.reaping.deciding import Knowledge, Sentence, decide
from orchestrator.reaping.ending import end
from orchestrator.reaping.looking import Fault, Known, Looked, look, look_again

# The share of the time for looking: what was seen by then is judged, and ended in the rest of it.
_LOOKING: Final = 0.7


@dataclass(frozen=True)
class Reaped:
    """What a round found: how many clusters of ours it looked at, which have to end, and which could not be ended."""

    looked_at: int
    sentences: tuple[Sentence, ...]
    faults: tuple[Fault, ...]

    def error(self, cluster_id: str) -> str | None:
        """Return why a cluster could not be ended."""
        return next((each.error for each in self.faults if each.cluster_id == cluster_id), None)


@dataclass(frozen=True)
class Reaper:
    """Reaps the clusters of an owner, round by round; `known` is kept between rounds to spare calls."""

    emr: Emr
    owner: str
    clock: Clock
    knowledge: Knowledge = field(default_factory=Knowledge)
    known: Known = field(default_factory=Known)

    def reap(self, until: float, *, is_to_end: bool) -> Reaped:
        """Look at the active clusters and, if they are to be ended, end those that have to.

        Raises:
            RefusedCallError: They may not be listed.
            TimedOutError: AWS did not answer in time; nothing was ended.
        """
        now = self.clock.now()
        looking_until = now + _LOOKING * (until - now)
        looked = look(self.emr, self.owner, now, looking_until, self.known)
        sentences, faults = self._confirmed(looked, now, until)
        if is_to_end:
            faults += end(self.emr, sentences, until)
        return Reaped(len(looked.seen), tuple(sentences), tuple(faults))

    def _confirmed(self, looked: Looked, now: float, until: float) -> tuple[list[Sentence], list[Fault]]:
        """Judge, and judge again by what is so now where a sentence rests on what was so in a former round."""
        clusters = {each.cluster_id: each for each in looked.seen}
        faults = list(looked.faults)
        for sentence in decide(looked.seen, now, self.knowledge):
            if sentence.cluster_id in looked.fresh:
                continue
            del clusters[sentence.cluster_id]
            try:
                seen = look_again(self.emr, self.owner, now, until, sentence.cluster_id)
            except OrchestratorError as error:
                faults.append(Fault(sentence.cluster_id, sentence.name, str(error)))
                continue
            if seen is not None:
                clusters[sentence.cluster_id] = seen
        return decide(list(clusters.values()), now, self.knowledge), faults
