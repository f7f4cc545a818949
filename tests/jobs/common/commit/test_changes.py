"""What becomes of partitions."""

from jobs.common.commit.changes import Summary, partition_name, partition_values, total
from jobs.common.table import DELETED, DUPLICATE, INSERTED, UPDATED


def summary(inserted: int = 0, updated: int = 0, deleted: int = 0, duplicates: int = 0) -> Summary:
    actions = {INSERTED: inserted, UPDATED: updated, DELETED: deleted, DUPLICATE: duplicates}
    return Summary({"day": "2024-02-29"}, actions, [])


def test_a_partition_is_touched_by_any_change_but_not_by_duplicates() -> None:
    assert [summary(1).is_touched, summary(0, 1).is_touched, summary(0, 0, 1).is_touched] == [True] * 3
    assert not summary(duplicates=3).is_touched


def test_a_partition_grows_by_what_is_inserted_less_what_is_deleted() -> None:
    assert summary(inserted=3, updated=5, deleted=4).growth == -1
    assert total([summary(1), summary(2)], INSERTED) == 3


def test_a_partition_is_named_by_its_values_and_they_are_told_from_its_name() -> None:
    values = {"event_date": "2024-02-29", "region": "us-east-1"}
    assert partition_name(values) == "event_date=2024-02-29/region=us-east-1"
    assert partition_values(partition_name(values)) == values
    assert partition_values("name=a%3Db") == {"name": "a=b"}
