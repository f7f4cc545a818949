import gzip
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.devices.errors import SourceError, UsageError
from ingestion.devices.message import METRICS
from ingestion.devices.replay import COLUMNS, Replay, play, read_station, to_reading
from ingestion.devices.running import delivery_of
from tests.ingestion.deliveries import assert_truth, contents
from tests.ingestion.judge import judge, unpack

EXAMPLE = (
    b'{"device_id":"aotizhongxin","event_id":"aotizhongxin-20130301T0000","event_time":"2013-03-01T00:00:00+08:00",'
    b'"received_at":"2013-02-28T16:00:03.120Z","firmware":"1.4.2","location":{"lat":39.982,"lon":116.397},'
    b'"metrics":{"pm2_5":4.0,"pm10":4.0,"so2":4.0,"no2":7.0,"co":300.0,"o3":77.0,"temperature_c":-0.7,'
    b'"pressure_hpa":1023.0,"dew_point_c":-18.8,"rain_mm":0.0,"wind_speed_m_s":4.4},"wind_direction":"NNW"}\n'
)
FIGURES = ("4", "4", "4", "7", "300", "77", "-0.7", "1023", "-18.8", "0", "NNW", "4.4")
ROW = ["1", "2013", "3", "1", "0", *FIGURES, "Aotizhongxin"]
GAPS = ["2", "2013", "3", "1", "1", *["NA"] * 12, "Aotizhongxin"]


def _source(folder: Path, *rows: list[str], header: tuple[str, ...] = COLUMNS) -> Path:
    folder.mkdir()
    lines = "\n".join(",".join(row) for row in (header, *rows)) + "\n"
    (folder / "PRSA_Data_Aotizhongxin_1-2.csv.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def test_a_row_becomes_the_message_of_the_documentation() -> None:
    reading = to_reading(ROW, date(2013, 3, 1))
    assert (reading.data, reading.pm2_5_tenths) == (EXAMPLE, 40)


def test_na_becomes_an_absent_field() -> None:
    message = json.loads(to_reading(GAPS, date(2013, 3, 1)).data)
    assert message["metrics"] == {}
    assert "wind_direction" not in message


def test_dates_are_local_and_both_ends_are_included(tmp_path: Path) -> None:
    rows = [[str(day), "2013", "3", str(day), hour, *ROW[5:]] for day in (1, 2, 3, 4) for hour in ("0", "23")]
    source = _source(tmp_path / "source", *rows)
    chosen = Replay(source, ("Aotizhongxin",), date(2013, 3, 2), date(2013, 3, 3))
    truth = play(chosen, delivery_of(tmp_path / "out", 3, {}))
    assert_truth(truth, judge(tmp_path / "out"))
    found = [message["event_time"][:13] for message in judge(tmp_path / "out").accepted]
    assert found == ["2013-03-02T00", "2013-03-02T23", "2013-03-03T00", "2013-03-03T23"]


def test_a_source_without_rows_gives_a_truth_of_nothing(tmp_path: Path) -> None:
    chosen = Replay(_source(tmp_path / "source"), ("Aotizhongxin",))
    truth = play(chosen, delivery_of(tmp_path / "out", 3, {}))
    assert (truth.rows.read, truth.delivered.objects) == (0, 0)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["x", *ROW[1:]], r"csv\.gz: line 2: expected 18 columns with figures or NA, got x,2013"),
        (ROW[:10], "line 2: expected 18 columns"),
        ([*ROW[:17], "Elsewhere"], "line 2: expected 18 columns .*'Elsewhere'"),
        ([*ROW[:3], "32", *ROW[4:]], "line 2: expected 18 columns"),
    ],
)
def test_a_row_that_is_none_is_named(tmp_path: Path, row: list[str], message: str) -> None:
    source = _source(tmp_path / "source", row)
    with pytest.raises(SourceError, match=message):
        play(Replay(source, ("Aotizhongxin",)), delivery_of(tmp_path / "out", 3, {}))


def test_another_header_is_refused(tmp_path: Path) -> None:
    source = _source(tmp_path / "source", ROW, header=COLUMNS[::-1])
    with pytest.raises(SourceError, match=r"header: expected No,year,.*, got station,WSPM"):
        list(read_station(next(source.iterdir()), Replay(source)))


@pytest.mark.parametrize(
    "content",
    [b"", b"No,year", gzip.compress(b"\xff\xfe"), gzip.compress(b"No" * 99)[:-9]],
    ids=["empty", "a header cut off", "no text", "a damaged gzip"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "PRSA_Data_Dongsi_1-2.csv.gz"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"Dongsi_1-2\.csv\.gz: (header: )?expected"):
        list(read_station(path, Replay(tmp_path)))


def test_a_station_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"expected one file PRSA_Data_Changping_\*\.csv\.gz, found none"):
        play(Replay(_source(tmp_path / "source"), ("Changping",)), delivery_of(tmp_path / "out", 3, {}))


def test_what_the_source_cannot_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--source: expected a folder with PRSA_Data"):
        Replay(tmp_path / "absent")
    with pytest.raises(UsageError, match=r"--station: expected one of Aotizhongxin, .*, got Elsewhere"):
        Replay(tmp_path, ("Elsewhere",))
    with pytest.raises(UsageError, match="--from, --to: expected the first date not after the last"):
        Replay(tmp_path, first_date=date(2014, 1, 1), last_date=date(2013, 1, 1))


def test_real_readings_are_all_there_with_their_gaps(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "air_quality"
    chosen = Replay(source, ("Dongsi", "Huairou"), date(2014, 2, 1), date(2014, 2, 28))
    truth = play(chosen, delivery_of(tmp_path, 500, {}))
    verdict = judge(tmp_path)
    assert_truth(truth, verdict)
    figures = ", ".join(f'count("{name}")' for name in (*COLUMNS[5:15], "WSPM", "wd"))
    query = f"""select count(*), {figures} from read_csv('{source}/*.csv.gz', nullstr='NA')
        where station in ('Dongsi', 'Huairou') and year = 2014 and month = 2"""  # noqa: S608 - no one's input
    expected = duckdb.connect().execute(query).fetchone()
    found = [sum(name in message["metrics"] for message in verdict.accepted) for name in METRICS]
    winds = sum("wind_direction" in message for message in verdict.accepted)
    assert (len(verdict.accepted), *found, winds) == expected


def test_messages_come_in_the_order_of_their_arrival(shared_data: Path, tmp_path: Path) -> None:
    chosen = Replay(shared_data / "air_quality", first_date=date(2013, 3, 1), last_date=date(2013, 3, 2))
    play(chosen, delivery_of(tmp_path, 100, {}))
    texts = [unpack(content)[0] for content in contents(tmp_path).values()]
    received = [json.loads(line)["received_at"] for text in texts for line in text.splitlines()]
    assert texts[0].startswith(EXAMPLE)
    assert received == sorted(received)
    assert len(received) == 12 * 48
