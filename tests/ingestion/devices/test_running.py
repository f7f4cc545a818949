import json
from pathlib import Path

import pytest

from ingestion.devices.errors import SourceError, UsageError
from ingestion.devices.running import Making, Place, ResultFormat, delivery_of, run
from ingestion.devices.truth import MadeBy, Truth, read_truth


def _place(folder: Path, result: ResultFormat = ResultFormat.JSON) -> Place:
    return Place(folder / "out", folder / "truth.json", result)


def _making(error: Exception | None = None) -> Making:
    truth = Truth(MadeBy("synthetic", {}))
    truth.add_quarantined({"bad_encoding": 1_234})

    def make(_layout: object, told: object) -> Truth:
        assert callable(told)
        told(1_234)
        if error:
            raise error
        return truth

    return Making({}, 1_234, make, 10)


def test_the_result_goes_to_stdout_and_progress_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(lambda: _place(tmp_path), _making) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["rows"]["quarantined"] == {"bad_encoding": 1_234}
    assert "1234/1234" in printed.err
    assert read_truth(tmp_path / "truth.json").rows.read == 1_234


def test_a_table_names_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(lambda: _place(tmp_path, ResultFormat.TABLE), _making)
    assert "rows.quarantined.bad_encoding │ 1,234" in capsys.readouterr().out


@pytest.mark.parametrize(("error", "code"), [(UsageError("a"), 2), (SourceError("b"), 1), (OSError("c"), 1)])
def test_a_failure_has_its_exit_code_and_leaves_no_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert run(lambda: _place(tmp_path), lambda: _making(error)) == code
    printed = capsys.readouterr()
    assert f"Error: {error}\n" in printed.err
    assert printed.out == ""
    assert not (tmp_path / "truth.json").exists()


@pytest.mark.parametrize("truth", ["out/truth.json", "out", "out/deep/../truth.json"])
def test_a_truth_among_the_messages_is_refused(tmp_path: Path, truth: str) -> None:
    with pytest.raises(UsageError, match="--truth: expected a file outside of --output"):
        Place(tmp_path / "out", tmp_path / truth, ResultFormat.JSON)


def test_a_truth_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--truth: expected a file, got the folder"):
        Place(tmp_path / "out", tmp_path, ResultFormat.JSON)


def test_names_follow_from_parameters_and_size(tmp_path: Path) -> None:
    layouts = [delivery_of(tmp_path, size, {"seed": seed}).layout for size in (1, 2) for seed in (1, 2)]
    assert len({layout.digest for layout in layouts}) == 4
    assert delivery_of(tmp_path, 1, {"a": 1, "b": 2}) == delivery_of(tmp_path, 1, {"b": 2, "a": 1})
