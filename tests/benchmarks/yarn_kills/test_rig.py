"""The rig is Hadoop and Spark: what it runs is tried in tests/test_local_yarn.py; here, what a step asks for."""

from benchmarks.yarn_kills.rig import _step


def test_a_run_has_its_own_table_and_the_one_run_id() -> None:
    words = _step("executor-1")["HadoopJarStep"]["Args"]
    assert words[words.index("--output") + 1] == "s3://yarn-kills/executor-1/table"
    assert words[words.index("--run-id") + 1] == "the-run"
    assert words[words.index("--deploy-mode") + 1] == "cluster"
