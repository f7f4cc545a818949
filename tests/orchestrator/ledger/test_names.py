"""Names of documents: sorted as they were written, and below the ledger's folder."""

import pytest

from orchestrator.errors import UsageError
from orchestrator.ledger.names import Names, generation_of


def test_names_are_those_of_the_decision() -> None:
    names = Names("readings")
    assert [
        names.segment(0, 1_800_000_000.25, "n"),
        names.sealed(3),
        names.snapshot(4),
        names.shard(4, "n", 2),
        names.archive(4, "n"),
        names.batch(7),
        names.closing(7),
    ] == [
        "ledger/readings/arrived/00000000/1800000000.250000-n.json",
        "ledger/readings/sealed/00000003.json",
        "ledger/readings/folded/00000004.json",
        "ledger/readings/shards/00000004-n/0002.json.gz",
        "ledger/readings/archive/00000004-n.json",
        "ledger/readings/batches/00000007.json",
        "ledger/readings/closed/00000007.json",
    ]
    assert generation_of(names.segment(12, 1.0, "n"), names.arrived) == 12
    assert generation_of(names.shard(13, "n", 0), names.shards) == 13
    assert generation_of(names.snapshot(14), names.folded) == 14


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 101, "a b"])
def test_a_pipeline_s_name_cannot_lead_elsewhere(name: str) -> None:
    with pytest.raises(UsageError, match=r"pipeline: expected up to 100 letters.*got "):
        Names(name)
