import base64
import gzip
import json

import typer
from typer.testing import CliRunner

from benchmarks import firehose_transform
from benchmarks.firehose_transform import by_floor, by_handler, by_naive, make_events, make_messages


def texts_of(answer: object) -> list[dict[str, object]]:
    assert isinstance(answer, dict)
    return [
        json.loads(line)
        for record in answer["records"]
        for line in base64.b64decode(record["data"]).splitlines()
    ]


def test_the_naive_transform_gives_the_same_messages_but_for_trailing_zeros_of_times() -> None:
    (event,) = make_events(make_messages(48), 1, bytes)
    ours, theirs = texts_of(by_handler(event)), texts_of(by_naive(event))
    for mine, other in zip(ours, theirs, strict=True):
        for name in ("event_time", "received_at"):
            mine[name], other[name] = (str(each[name]).rstrip("Z0").rstrip(".") for each in (mine, other))
    assert [{**mine, "event_time": ""} for mine in ours] == [{**other, "event_time": ""} for other in theirs]
    assert [str(mine["event_time"])[:16] for mine in ours] == [
        str(other["event_time"])[:16] for other in theirs
    ]


def test_the_floor_changes_nothing_but_the_end() -> None:
    texts = make_messages(6)
    (event,) = make_events(texts, 3, lambda text: gzip.compress(text, mtime=0))
    answer = by_floor(event)
    assert isinstance(answer, dict)
    data = [base64.b64decode(record["data"]) for record in answer["records"]]
    assert [gzip.decompress(each[:-1]).split(b"\n") for each in data] == [texts[:3], texts[3:]]


def test_the_command_prints_each_shape_with_its_ratios() -> None:
    app = typer.Typer()
    app.command()(firehose_transform.main)
    result = CliRunner().invoke(app, ["--messages", "100", "--rounds", "1"])
    assert result.exit_code == 0
    assert [line[:34].strip() for line in result.stdout.splitlines()] == [
        "messages per second of CPU time",
        "one message a record",
        "50 a record",
        "50 a record, gzip",
    ]
