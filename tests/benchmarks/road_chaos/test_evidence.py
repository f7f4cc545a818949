"""What is read from a road: newest versions, whatever form instants have; the rest by tests of the whole."""

import json
from dataclasses import replace

import pytest

from benchmarks.road_chaos.evidence import Evidence, Key, Version, doubled, gather
from benchmarks.road_chaos.laws import broken
from local_aws.clients import client
from tests.benchmarks.road_chaos.standing import road_without_spark


def _message(number: int, received_at: str | int, pm2_5: float | None) -> bytes:
    metrics = {} if pm2_5 is None else {"pm2_5": pm2_5}
    told = {"device_id": "a", "event_id": str(number), "event_time": "2016-01-01T07:00:00+08:00"}
    return json.dumps({**told, "received_at": received_at, "metrics": metrics}).encode()


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_of_messages_in_the_stream_the_newest_of_each_key_is_known(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    road = road_without_spark(tmp_path_factory.mktemp("road"))
    try:
        kinesis = client(road.aws.url, "kinesis")
        lines = [
            _message(1, 1_000, 4.0),
            _message(1, "1970-01-01t00:00:02.000z", 5.0),
            _message(1, "1970-01-01T00:00:01+00:00", 6.0),
            _message(2, 1_000, None),
        ]
        kinesis.put_records(
            StreamName=road.outputs["StreamName"],
            Records=[
                {"Data": lines[0] + b"\n" + lines[1], "PartitionKey": "k"},
                *({"Data": line, "PartitionKey": "k"} for line in lines[2:]),
            ],
        )
        found = gather(road)
        kinesis.close()
    finally:
        road.close()
    day = "2015-12-31"
    sent: dict[Key, Version] = {
        (day, "a", "1"): (2_000_000, 5.0),
        (day, "a", "2"): (1_000_000, float("-inf")),
    }
    # The bucket tells its queue once that it will.
    nothing = Evidence(runs=[], leases=[], table=[], leftovers=[], put_aside=[])
    assert found == replace(nothing, in_stream=4, sent=sent, queued=1)
    assert "2 keys were sent, and are not in objects" in broken(found, [])[5]


def test_keys_of_several_rows_are_named() -> None:
    rows = [(("d", "a", "1"), (1, 1.0)), (("d", "a", "2"), (1, 1.0)), (("d", "a", "1"), (2, 1.0))]
    assert doubled(rows) == [("d", "a", "1")]
