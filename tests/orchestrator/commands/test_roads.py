"""Pipelines whose events make them run."""

from tests.orchestrator.commands.conftest import Shop


def test_a_pipeline_without_a_trigger_says_what_is_missing(shop: Shop) -> None:
    result = shop.run("events", "drain", "two.yaml")
    assert result.exit_code == 2
    assert "two.yaml: trigger: it has none; events make a pipeline run that names a queue" in result.stderr
