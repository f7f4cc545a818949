"""What a plan needs stands on S3 before it begins: once, by its hash, and nothing in the place of another."""

from pathlib import Path

import msgspec
import pytest

from orchestrator.errors import FailedError, UsageError
from orchestrator.planning.uploading import upload
from orchestrator.plans import Plan, Upload
from tests.orchestrator.planning.world import Lake, collected, pipeline, plan


def changed(made: Plan, **changes: str | None) -> Plan:
    """Change the last upload of a plan, the list of its inputs."""
    last = msgspec.structs.replace(made.uploads[-1], **changes)
    return msgspec.structs.replace(made, uploads=[*made.uploads[:-1], last])


def test_all_of_it_is_put_once_and_texts_are_left_out_of_what_is_kept(tmp_path: Path) -> None:
    lake, made = Lake(), plan(pipeline(tmp_path))
    kept = upload(lake, made, collected())
    assert kept == changed(made, text=None)
    assert lake.puts == [each.uri for each in made.uploads]
    assert lake.objects[made.uploads[-1].uri].decode() == made.uploads[-1].text
    for file in collected().files:
        assert lake.objects[file.uri] == file.content
    upload(lake, made, collected())
    assert len(lake.puts) == len(made.uploads)


def test_another_object_in_its_place_is_not_overwritten(tmp_path: Path) -> None:
    lake, made = Lake(), plan(pipeline(tmp_path))
    lake.objects[made.uploads[-1].uri] = b"another"
    with pytest.raises(FailedError, match="found another object of 7 bytes"):
        upload(lake, made, collected())


def test_a_plan_of_another_checkout_is_refused_before_anything_is_put(tmp_path: Path) -> None:
    lake, made = Lake(), plan(pipeline(tmp_path))
    other = msgspec.structs.replace(
        made, uploads=[*made.uploads, Upload(uri="s3://state/x", sha256="0" * 64)]
    )
    with pytest.raises(UsageError) as raised:
        upload(lake, other, collected())
    assert str(raised.value) == (
        f"s3://state/x: the plan was made with a file of SHA-256 {'0' * 64}, which this checkout has not: plan again, "
        "or check out what it was made from"
    )
    assert lake.puts == []


def test_a_text_that_somebody_has_changed_is_refused(tmp_path: Path) -> None:
    lake, made = Lake(), changed(plan(pipeline(tmp_path)), text="s3://lake/other\n")
    with pytest.raises(
        UsageError, match="the plan's text has another SHA-256 than the plan says; plan again"
    ):
        upload(lake, made, collected())
    assert lake.puts == []
