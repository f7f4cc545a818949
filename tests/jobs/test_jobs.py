"""What the package itself sees to: the Python that it runs on."""

import runpy
import sys

import pytest

import jobs


def test_an_older_python_is_refused_with_the_flags_that_choose_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 25, "final", 0))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(jobs.__file__))
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "jobs: expected Python 3.11, this is 3.9.25; on EMR add --conf spark.pyspark.python=python3.11 "
        "--conf spark.pyspark.driver.python=python3.11\n"
    )


def test_python_3_11_is_taken() -> None:
    assert runpy.run_path(str(jobs.__file__))["__version__"] == jobs.__version__
