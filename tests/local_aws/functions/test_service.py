"""Functions by their names; more of them in tests/local_aws/test_services.py, over HTTP."""

from pathlib import Path

import pytest

from local_aws.functions.service import PATH, Functions, UnknownFunctionError


def test_a_name_that_nobody_has_is_told(tmp_path: Path) -> None:
    functions = Functions(tmp_path / "functions", "us-east-1", {})
    for name in ("nobody", "arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST"):
        with pytest.raises(UnknownFunctionError):
            functions.invoke(name, b"{}")
    functions.close()


def test_what_functions_of_a_former_server_have_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "functions" / "old").mkdir(parents=True)
    Functions(tmp_path / "functions", "us-east-1", {}).close()
    assert not (tmp_path / "functions").exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/2015-03-31/functions/f/invocations", "f"),
        ("/2015-03-31/functions/arn%3Aaws/invocations/", "arn%3Aaws"),
        ("/2015-03-31/functions/f", None),
        ("/2015-03-31/functions/f/invocations/x", None),
    ],
)
def test_the_path_of_an_invocation_names_its_function(path: str, name: str | None) -> None:
    found = PATH.fullmatch(path)
    assert (found["name"] if found else None) == name
