"""A road: its stack, its files, and who is killed on it."""

from pathlib import Path

import pytest

from benchmarks.road_chaos.blows import CONSUMER, DRIVER, FIREHOSE
from orchestrator.config.variables import parse_variables
from orchestrator.planning.files import load_files
from tests.benchmarks.road_chaos.standing import road_without_spark


@pytest.mark.filterwarnings("ignore:Tried to parse AWS")
def test_a_road_has_a_pipeline_without_faults_and_a_dead_consumer_hides_nothing(tmp_path: Path) -> None:
    road = road_without_spark(tmp_path)
    try:
        pipeline, _ = load_files(road.folder / "road.yaml", None, parse_variables([]), road.state)
        assert pipeline is not None
        assert pipeline.findings == ()
        assert pipeline.jobs["device_readings"].inputs == (f"s3://{road.raw}/{road.name}/",)
        assert not any(road.aws.kill(name) for name in (DRIVER, FIREHOSE, "somebody"))
        assert road.last_sequences() == {}
        queue = road.queue("events")
        road.aws.s3.put_object(Bucket=road.raw, Key=f"{road.name}/x", Body=b"x")
        for message in queue._messages:
            message.change_visibility(300)
        road.add(f"{CONSUMER}-1", "http.server", "0", "--bind", "127.0.0.1")
        assert road.aws.kill(f"{CONSUMER}-1")
        assert queue._messages
        assert queue.approximate_number_of_messages_not_visible == 0
    finally:
        road.close()
