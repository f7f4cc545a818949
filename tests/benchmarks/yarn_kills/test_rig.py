"""The rig is Hadoop and Spark: what it runs is tried in tests/test_local_yarn.py; here, what a step asks for."""

from benchmarks.yarn_kills.rig import _step, digest


def test_a_run_has_its_own_table_and_the_one_run_id() -> None:
    words = _step("executor-1")["HadoopJarStep"]["Args"]
    assert words[words.index("--output") + 1] == "s3://yarn-kills/executor-1/table"
    assert words[words.index("--run-id") + 1] == "the-run"
    assert words[words.index("--deploy-mode") + 1] == "cluster"


def test_a_digest_tells_rows_and_counts_and_their_order_apart() -> None:
    rows, counts = [("a", 1), ("b", None)], {"read": 3, "quarantined": {"x": 1, "y": 2}}
    assert digest(rows, counts) == digest(list(rows), dict(counts))
    assert digest(rows, dict(reversed(counts.items()))) != digest(rows, counts)
    assert digest(rows[:1], counts) != digest(rows, counts)
    assert digest(rows, {**counts, "read": 2}) != digest(rows, counts)
    assert digest(rows, {**counts, "quarantined": {"x": 2, "y": 1}}) != digest(rows, counts)
