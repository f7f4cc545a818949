"""Keys of events; their rules are held in test_events.py, as parts of whole files."""

from orchestrator.config.pipeline_rules.keys_of_events import ActionKeys, MessageKeys, RunKeys, TriggerKeys


def test_the_job_that_is_named_wins() -> None:
    keys = TriggerKeys(queue="q", dead_letter_queue="d")
    assert keys.trigger("only").job == "only"
    assert keys.model_copy(update={"job": "named"}).trigger("only").job == "named"


def test_an_action_names_the_keys_that_it_has() -> None:
    assert ActionKeys().named == []
    assert ActionKeys(run=RunKeys(pipeline="x"), message=MessageKeys(queue="q")).named == ["message", "run"]
