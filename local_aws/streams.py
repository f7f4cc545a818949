"""Kinesis streams that many write and read at once, and that hold many records: two faults of moto are mended.

Moto reads a shard's records while another call adds some, which Python refuses, and lists all of them for each one that
is added, so that a stream of 100,000 records takes some hundred a second.
"""

import threading
from collections.abc import Iterable
from typing import Any, Final

from moto.kinesis.models import Shard

from local_aws.loopback import Application, Start

_TARGET: Final = "Kinesis_20131202."


def complete() -> None:
    """Let moto's shards know their last record from now on; more than once does no harm."""
    setattr(Shard, "get_max_sequence_number", _last)  # noqa: B010 - a method is put in the place of moto's


def in_turn(application: Application) -> Application:
    """Let one call of Kinesis be answered at a time."""
    lock = threading.Lock()

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(_TARGET):
            return application(environ, start)
        with lock:
            return application(environ, start)

    return answer


def _last(shard: Shard) -> int:
    return next(reversed(shard.records), 0)
