import pytest

from jobs.common.files import Entry, is_hidden


def test_entries_are_named_by_their_last_part() -> None:
    assert Entry("s3://bucket/a/b.gz", 1, 2, None, is_folder=False).name == "b.gz"


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("_x", True), (".x", True), ("x._COPYING_", True), ("x", False), ("x_", False), ("x.y", False)],
)
def test_names_are_hidden_as_hadoop_and_spark_hide_them(name: str, hidden: bool) -> None:
    assert is_hidden(name) == hidden
