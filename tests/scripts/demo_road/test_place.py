"""The demo's names are those of the road's template and of the pipeline."""

from pathlib import Path

from orchestrator.checkout import ROOT
from orchestrator.commands.context import LOCAL_BUCKET
from orchestrator.config.pipeline import load_pipeline
from scripts.demo_road import place
from scripts.demo_road.place import Place


def test_names_are_those_of_the_template_the_pipeline_and_the_orchestrator() -> None:
    pipeline = load_pipeline(ROOT / "pipelines" / "devices.yaml", {"raw": place.RAW, "lake": place.LAKE})
    assert pipeline.name == place.NAME
    assert pipeline.jobs["device_readings"].inputs == (f"s3://{place.RAW}/{place.NAME}/",)
    assert pipeline.jobs["device_readings"].output == f"s3://{place.LAKE}/clean/device_readings"
    template = (ROOT / "infrastructure" / "road.yaml").read_text(encoding="utf-8")
    assert f"Default: {place.NAME}\n" in template
    assert "!{firehose:error-output-type}/${Name}/" in template
    assert f"processing-failed/{place.NAME}/" == place.FAILED
    assert place.STATE == LOCAL_BUCKET


def test_all_lies_in_one_folder() -> None:
    made = Place(Path("/demo"))
    named = (made.aws, made.logs, made.truth, made.sent, made.transform_log, made.of("clean"))
    assert all(path.is_relative_to(made.output) for path in named)
    assert len(set(named)) == len(named)
