"""JSON's corner cases (nst/JSONTestSuite) through the whole job: nothing bad gets in, and nothing is lost."""

from collections import defaultdict
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.jobs.running import Places, quarantine_files, query, run_readings

# Two keys of one name: the suite accepts them, this project does not.
REPEATED_NAMES = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
# No document, but two good values in a row: `[][]`.
TWO_VALUES = "n_structure_double_array.json"
BLANK = "n_single_space.json"
EMPTY = "n_structure_no_data.json"
PARSED = {"not_an_object", "missing_device_id"}
UNPARSED = {"malformed_json", "bad_encoding"}
Outcomes = dict[str, list[tuple[str, int]]]


@pytest.fixture(scope="module")
def outcomes(
    spark: SparkSession,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
    reader: str,  # noqa: ARG001 - each sets it
) -> Outcomes:
    """Run the job on every file; its quarantine by file: the first reason, and the count of bytes kept."""
    places = Places(tmp_path_factory.mktemp("corner"))
    manifest = run_readings(spark, places, [shared_data / "json_parsing"])
    assert manifest["rows"]["accepted"] == 0
    found: Outcomes = defaultdict(list)
    sql = "SELECT source_object, reasons[1], octet_length(raw) FROM files ORDER BY position"
    for uri, reason, size in query(sql, quarantine_files(places)):
        found[uri.rsplit("/", 1)[-1]].append((reason, size))
    assert manifest["rows"]["read"] == sum(len(rows) for rows in found.values())
    return found


def names(shared_data: Path, pattern: str) -> list[str]:
    found = sorted(path.name for path in (shared_data / "json_parsing").glob(pattern))
    assert found
    return found


def test_every_document_of_one_line_parses_as_one_value(outcomes: Outcomes, shared_data: Path) -> None:
    for name in names(shared_data, "y_*.json"):
        text = (shared_data / "json_parsing" / name).read_bytes()
        if text.rstrip(b"\n").count(b"\n"):
            continue
        reasons = [reason for reason, _ in outcomes[name]]
        if name in REPEATED_NAMES:
            assert reasons == ["malformed_json"], name
        else:
            assert len(reasons) == 1, name
            assert reasons[0] in PARSED, name


def test_what_is_no_document_gives_a_malformed_or_badly_encoded_row(
    outcomes: Outcomes, shared_data: Path
) -> None:
    for name in names(shared_data, "n_*.json"):
        reasons = [reason for reason, _ in outcomes.get(name, [])]
        if name == TWO_VALUES:
            assert reasons == ["not_an_object", "not_an_object"]
        elif name == BLANK:
            assert reasons == []
        elif name == EMPTY:
            assert reasons == ["truncated_object"]
        else:
            assert UNPARSED.intersection(reasons), name


def test_every_byte_that_is_not_blank_is_accounted_for(outcomes: Outcomes, shared_data: Path) -> None:
    for path in sorted((shared_data / "json_parsing").glob("*.json")):
        kept = sum(size for _, size in outcomes.get(path.name, []))
        lines = path.read_bytes().split(b"\n")
        written = sum(len(line.removesuffix(b"\r")) for line in lines)
        blanks = sum(line.count(blank) for line in lines for blank in (b" ", b"\t", b"\r"))
        assert written - blanks <= kept <= written, path.name
