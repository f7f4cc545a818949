"""A job as a pipeline describes it, before it is known which run it becomes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Format = Literal["parquet", "delta"]
# What a job may ask of one that it follows: where its table is, or what its run of this time has written.
UPSTREAM: Final = re.compile(r"\$\{jobs\.(?P<job>[^${}.]+)\.(?P<what>output|manifest|quarantine)\}")


@dataclass(frozen=True, kw_only=True)
class JobSpec:
    """One job of a pipeline.

    `inputs` and `arguments` may hold `${jobs.<name>.output|manifest|quarantine}` of jobs that it follows. With
    `pin_inputs` the orchestrator lists the inputs, and the run reads that list and nothing else.
    """

    name: str
    entry_point: str
    inputs: tuple[str, ...]
    output: str
    quarantine: str | None = None
    follows: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    retries: int = 0
    time_limit_minutes: int | None = None
    pin_inputs: bool = False
    format: Format = "parquet"
