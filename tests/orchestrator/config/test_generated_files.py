"""Files that hypothesis writes: valid, broken by one mistake, hostile. All have findings or none, never a traceback."""

import json
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from orchestrator.config.cluster import ClusterConfig, load_cluster
from orchestrator.config.model import homes, request_shape
from orchestrator.findings import ValuePath, errors
from tests.orchestrator.rules.holding import FAULTLESS
from tests.orchestrator.rules.requests import anything, values_of

_few = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "c.yaml"


def _load(file: Path, value: Any, variables: dict[str, Any] | None = None) -> ClusterConfig:
    text = StringIO()
    YAML(typ="safe", pure=True).dump(value, text)
    file.write_text(text.getvalue(), encoding="utf-8")
    config = load_cluster(file, variables or {})
    assert all(each.problem and each.file for each in config.findings)
    if not errors(config.findings):
        assert not ParamValidator().validate(config.request, request_shape()).has_errors()
    return config


@given(value=values_of(request_shape()))
@_few
def test_a_request_of_the_model_is_read_as_it_is(file: Path, value: dict[str, Any]) -> None:
    config = _load(file, value)
    assert config.request == value
    assert all(each.line is not None for each in config.findings)


@given(data=st.data())
@_few
def test_a_misspelt_key_is_told_with_the_name_that_was_meant(file: Path, data: st.DataObject) -> None:
    value = deepcopy(FAULTLESS)
    path = data.draw(st.sampled_from(list(_keys(value, ()))))
    *way, name = path
    here: Any = value
    for part in way:
        here = here[part]
    at = data.draw(st.integers(1, len(str(name)) - 1))
    wrong = f"{str(name)[:at]}{str(name)[at + 1 :]}"
    assume(wrong not in homes())  # Ec2SubnetIds without its last letter is another name
    here[wrong] = here.pop(name)
    config = _load(file, value)
    told = [each for each in errors(config.findings) if each.path == (*way, wrong)]
    assert [f"did you mean {name}?" in each.problem for each in told] == [True]


def _keys(value: Any, path: ValuePath) -> Iterator[ValuePath]:
    """Go through the keys that the model knows, those long enough to be misspelt."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name != "Properties" and len(name) > 3:
                yield (*path, name)
                yield from _keys(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _keys(below, (*path, index))


_OURS = st.fixed_dictionaries(
    {},
    optional={
        "extends": st.none()
        | st.sampled_from(["c.yaml", "x", "../x", "/x", "\x7f", "a" * 5000])
        | st.just([1]),
        "variables": st.none()
        | st.just([])
        | st.dictionaries(st.sampled_from("aB_"), st.just("${a}") | st.none()),
        "limits": st.none() | st.just(5) | st.just({"max_lifetime_hours": "${a}"}),
        "Name": st.sampled_from(
            ["${a}", "${a}${B}", "$${a}", "${", "${${a}}", "${a", "\U0001f600", " ", "!!x", "&a"]
        ),
    },
)


@given(
    value=anything(), ours=_OURS, variables=st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=5))
)
@_few
def test_hostile_files_have_findings(
    file: Path, value: dict[str, Any], ours: dict[str, Any], variables: dict[str, Any]
) -> None:
    assert _load(file, {**value, **ours}, variables).findings


@given(content=st.binary(max_size=60))
@_few
def test_any_bytes_have_findings(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert load_cluster(file, {"a": 1}).findings


@given(value=values_of(request_shape()))
@_few
def test_a_file_of_json_is_read_as_one_of_yaml(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")
    assert load_cluster(file, {}).request == value
