"""What was acknowledged."""

from pathlib import Path

import pytest

from ingestion.devices.errors import UsageError
from ingestion.sending.journal import Journal

OPTIONS = {"seed": 1, "rates": {"late": 0.5}, "start": "2024"}


def test_the_next_process_goes_on_where_this_one_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    first = Journal(path, OPTIONS)
    first.acknowledge(500, 3)
    first.acknowledge(20, 0)
    progress = Journal(path, OPTIONS).progress
    assert (progress.acknowledged, progress.sent_again) == (520, 3)


def test_without_a_file_nothing_is_kept() -> None:
    journal = Journal(None, OPTIONS)
    journal.acknowledge(1, 0)
    assert journal.progress.acknowledged == 1
    assert Journal(None, OPTIONS).progress.acknowledged == 0


def test_the_file_of_another_delivery_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    Journal(path, OPTIONS).acknowledge(1, 0)
    with pytest.raises(
        UsageError, match=r"with other options \(seed, start\); run the command that began it"
    ):
        Journal(path, {**OPTIONS, "seed": 2, "start": "2025"})


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"acknowledged":"x"}'])
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="expected what an earlier run of this command has written"):
        Journal(path, OPTIONS)
