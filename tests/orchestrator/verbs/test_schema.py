"""The JSON Schema of cluster files."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from orchestrator.config.model import request_shape
from orchestrator.config.reading import read
from orchestrator.verbs.schema import schema
from tests.orchestrator.rules.holding import FAULTLESS, changed
from tests.requests.renew import APPLICATIONS, CONFIGS

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
OF_APPLICATIONS = Draft202012Validator(schema("serverless"))


def _refused(value: Any, validator: Any = VALIDATOR) -> list[str]:
    return sorted({str(each.json_path) for each in validator.iter_errors(value)})


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_files_are_accepted(path: Path) -> None:
    validator = OF_APPLICATIONS if path.stem in APPLICATIONS else VALIDATOR
    assert _refused(read(path).value, validator) == []


def test_an_application_has_a_schema_of_its_own() -> None:
    Draft202012Validator.check_schema(OF_APPLICATIONS.schema)
    whole = read(CONFIGS / "serverless.yaml").value
    for changes, place in (
        ({"releaselabel": "x"}, "$"),
        ({"target": "emr"}, "$.target"),
        ({"job_run": {"executionRole": "x"}}, "$.job_run"),
        ({"architecture": "RISC"}, "$.architecture"),
        ({"environment": 1}, "$.environment"),
    ):
        assert _refused({**whole, **changes}, OF_APPLICATIONS) == [place]


def test_a_request_of_boto3_is_accepted() -> None:
    assert _refused(FAULTLESS) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"Nmae": "x"}, "$"),
        ({"*.0.TargetOnDemandCapacty": 1}, "$.Instances"),
        ({"EbsRootVolumeSize": "ten"}, "$.EbsRootVolumeSize"),
        ({"StepConcurrencyLevel": "${not a name}"}, "$.StepConcurrencyLevel"),
        ({"ScaleDownBehavior": "TERMINATE"}, "$.ScaleDownBehavior"),
        ({"limits": {"max_lifetime_hours": 8761}}, "$.limits.max_lifetime_hours"),
        ({"limits": {"lifetime": 1}}, "$.limits"),
        ({"variables": {"A": 1}}, "$.variables"),
        ({"Name": 5}, "$.Name"),
        ({"Configurations.0.Configurations": [{"Classificatoin": "x"}]}, "$.Configurations"),
    ],
)
def test_mistakes_are_seen_while_one_writes(changes: dict[str, Any], place: str) -> None:
    assert _refused(changed(changes)) == [place]


def test_variables_stand_for_anything_but_keys() -> None:
    request = deepcopy(FAULTLESS)
    request |= {
        "StepConcurrencyLevel": "${n}",
        "Tags": "${tags}",
        "Instances": "${instances}",
        "LogUri": "s3://${b}/",
    }
    request |= {"VisibleToAllUsers": "${v}", "ScaleDownBehavior": "${s}", "EbsRootVolumeSize": None}
    assert _refused(request) == []


def test_what_is_required_may_stand_in_an_extended_file() -> None:
    assert _refused({"extends": "base.yaml"}) == []
    assert _refused({"Name": "n"}) == ["$"]


def test_the_documentation_of_aws_comes_along() -> None:
    assert SCHEMA["properties"]["Name"]["description"] == "The name of the job flow."
    assert not [name for name in request_shape().members if "description" not in SCHEMA["properties"][name]]
    assert not any("<" in str(each.get("description", ""))[:1] for each in SCHEMA["properties"].values())
