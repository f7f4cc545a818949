from pathlib import Path

import numpy as np
import pytest

from ingestion.devices.errors import UsageError
from ingestion.devices.truth import DayChange, MadeBy, Rows, Truth, read_truth

MIDNIGHT_MS = 1_709_251_200_000  # 2024-03-01T00:00:00Z


def _truth() -> Truth:
    truth = Truth(MadeBy("synthetic", {"seed": 1}))
    truth.add_inserted(np.array([MIDNIGHT_MS, MIDNIGHT_MS - 1, MIDNIGHT_MS + 1]), np.array([5, 7, 11]))
    truth.add_updated(np.array([MIDNIGHT_MS]), np.array([-3]))
    truth.add_corrected(np.array([MIDNIGHT_MS - 1]), np.array([100]))
    truth.add_duplicates(4)
    truth.add_quarantined({"bad_encoding": 2})
    truth.add_quarantined({"bad_encoding": 1, "not_an_object": 1})
    truth.add_kinds({"late": 1})
    truth.add_kinds({"late": 2})
    return truth


def test_rows_have_the_shape_of_the_manifest_and_add_up() -> None:
    truth = _truth()
    quarantined = {"bad_encoding": 3, "not_an_object": 1}
    assert truth.rows == Rows(13, 9, inserted=3, updated=1, duplicates=5, quarantined=quarantined)
    assert truth.unique_keys == 4
    assert truth.kinds == {"late": 3}


def test_dates_are_those_of_utc() -> None:
    assert _truth().event_dates == {
        "2024-02-29": DayChange(inserted=1, pm2_5_tenths=107),
        "2024-03-01": DayChange(inserted=2, updated=1, pm2_5_tenths=13),
    }


def test_nothing_counted_changes_nothing() -> None:
    truth = Truth(MadeBy("synthetic", {}))
    truth.add_inserted(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    assert truth == Truth(MadeBy("synthetic", {}))


def test_a_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "truth.json"
    _truth().write(path)
    assert read_truth(path) == _truth()
    assert [each.name for each in path.parent.iterdir()] == ["truth.json"]
    assert path.read_text().startswith('{\n  "made_by": {')


def test_a_file_that_is_no_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected the truth file of an earlier delivery, found no file"):
        read_truth(tmp_path / "absent.json")
    (tmp_path / "other.json").write_text('{"rows": {}}')
    with pytest.raises(UsageError, match=r"expected the truth file of an earlier delivery, got: .*made_by"):
        read_truth(tmp_path / "other.json")
