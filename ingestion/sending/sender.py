"""Puts records into a stream until each is acknowledged: what failed goes again, and nothing else.

https://docs.aws.amazon.com/streams/latest/dev/developing-producers-with-sdk.html: a call that is answered may have
taken some of its records only, those of one shard over its rate for example. What is sent again after a lost answer
may be in the stream twice, with the same `event_id`.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mypy_boto3_kinesis import KinesisClient

from ingestion.devices.errors import SimulationError
from ingestion.sending.records import MOST_RECORDS, Record, entries
from orchestrator.aws.clock import Clock
from orchestrator.aws.retrying import Retrying
from orchestrator.errors import OrchestratorError

FIRST_WAIT_S: Final = 0.1
LONGEST_WAIT_S: Final = 5.0
# How long a batch is tried before the command gives up.
PATIENCE_S: Final = 900.0


class SendingError(SimulationError):
    """Raised when the stream does not take what is sent; what it has taken is recorded."""


@dataclass
class Sent:
    """What was put into the stream: records acknowledged, how many went again, calls, and bytes."""

    records: int = 0
    sent_again: int = 0
    calls: int = 0
    bytes: int = 0


class Sender:
    """Sends to one stream; `rate` is the most records a second, 0 as many as it takes."""

    def __init__(
        self, client: KinesisClient, stream: str, clock: Clock, draws: random.Random, rate: float = 0.0
    ) -> None:
        """Send by a client that makes each call once: tries again are counted here."""
        self._client, self._stream, self._clock, self._draws, self._rate = client, stream, clock, draws, rate
        self._retrying = Retrying("Kinesis", clock, draws)
        self._began_at = clock.now()
        self.sent = Sent()

    @property
    def most_records(self) -> int:
        """Tell how many records go in a call at most: at a low rate those of a second, so that none waits for long."""
        return min(MOST_RECORDS, max(1, math.ceil(self._rate))) if self._rate else MOST_RECORDS

    def send(self, batch: Sequence[Record]) -> int:
        """Return when all records of a batch are acknowledged, with how many had to go again.

        Raises:
            SendingError: AWS refuses them, or takes none of them for a quarter of an hour.
        """
        self._keep_to_the_rate()
        until = self._clock.now() + PATIENCE_S
        waiting, longest_s, again = list(batch), FIRST_WAIT_S, 0
        while True:
            calls = self.sent.calls
            waiting = self._put(waiting, until)
            # A call that was not answered was made again, whole.
            again += (self.sent.calls - calls - 1) * len(batch) + len(waiting)
            if not waiting:
                break
            if self._clock.now() >= until:
                raise SendingError(
                    f"stream {self._stream}: {len(waiting)} records of a batch were not taken in {PATIENCE_S:g} s; it "
                    "needs more shards, or --rate a lower one; the same command goes on from what was acknowledged"
                )
            self._clock.sleep(self._draws.uniform(0, longest_s))
            longest_s = min(2 * longest_s, LONGEST_WAIT_S)
        self.sent.records += len(batch)
        self.sent.sent_again += again
        self.sent.bytes += sum(len(record.data) for record in batch)
        return again

    def _put(self, batch: Sequence[Record], until: float) -> list[Record]:
        """Make one call that is answered, and return what it did not take."""
        told = entries(batch)

        def call() -> list[Record]:
            self.sent.calls += 1
            answer = self._client.put_records(StreamName=self._stream, Records=told)  # type: ignore[arg-type] # dicts
            results = answer["Records"]
            return [record for record, result in zip(batch, results, strict=True) if result.get("ErrorCode")]

        try:
            return self._retrying.read("PutRecords", call, until)
        except OrchestratorError as fault:
            raise SendingError(f"stream {self._stream}: {fault}") from fault

    def _keep_to_the_rate(self) -> None:
        if self._rate:
            due_at = self._began_at + self.sent.records / self._rate
            self._clock.sleep(max(0.0, due_at - self._clock.now()))
