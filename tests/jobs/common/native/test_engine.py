import pyarrow as pa

from jobs.common.native.engine import engine, hashes, quoted, select


def test_rows_are_answered_about_in_their_order_by_one_thread() -> None:
    rows = pa.table({"x": list(range(300_000))})
    assert select(rows, "x + 1 AS y FROM rows").column("y").to_pylist() == list(range(1, 300_001))
    assert engine().sql("SELECT current_setting('threads')").fetchall() == [(1,)]


def test_nothing_is_fetched_from_elsewhere() -> None:
    settings = ("autoinstall_known_extensions", "autoload_known_extensions")
    assert [engine().sql(f"SELECT current_setting('{name}')").fetchall() for name in settings] == [
        [(False,)]
    ] * 2


def test_names_stand_for_themselves() -> None:
    odd = 'a "b"; DROP'
    assert select(pa.table({odd: [1]}), f"{quoted(odd)} AS x FROM rows").to_pylist() == [{"x": 1}]


def test_hashes_are_of_the_columns_asked_for() -> None:
    rows = pa.table({"a": ["x", "x", "y", None], "b": [1, 1, 1, 1], "c": [1, 2, 3, 4]})
    found = hashes(rows, ["a", "b"])
    assert found[0] == found[1]
    assert len(set(found.tolist())) == 3
    assert hashes(rows.slice(0, 0), ["a"]).tolist() == []
