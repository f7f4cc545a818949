"""Strings that a shell, YARN, EMR or a terminal would take for something else are refused, or arrive byte for byte."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.emr.world import Outcome
from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.spark_command import parse
from local_aws.running.spark_step import Place, prepare
from local_aws.running.work import Work
from orchestrator.errors import UsageError
from orchestrator.steps import arguments, step
from tests.orchestrator.submitting import ARTIFACTS, PINNED, READINGS

INERT = [
    *(
        "$(touch owned)",
        "`touch owned`",
        "; touch owned",
        "&& touch owned",
        "| touch owned",
        "> owned",
        "& touch owned",
    ),
    *(
        "'",
        '"',
        "''",
        '""',
        "a'b\"c",
        "\\",
        "\\\\n",
        "\\u0000",
        "%s %d %n",
        "%00",
        "${HOME}",
        "$HOME",
        "$0",
        "~",
        "!!",
    ),
    *(
        "*",
        "?",
        "[a]",
        "{a,b}",
        "",
        " ",
        "  a  b  ",
        "#x",
        "=",
        "a=b",
        "--flag=",
        "--flag=-x",
        "--flag=--conf",
        "@x",
    ),
    *(
        "<b>",
        "</script>",
        "../../etc/passwd",
        "'; DROP TABLE x; --",
        "null",
    ),
    *(
        "--flag=$(touch owned)",
        "--conf=spark.jars=x",
        "spark-submit",
        "--py-files",
        "{}",
        "{ {x} }",
        "<CPS",
        "x" * 500,
    ),
]
REFUSED = [
    *(
        "a\nb",
        "a\rb",
        "a\x00b",
        "\x1b[2J",
        "a\tb",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202eabc",
        "\ud800",
        "\udc00x",
        "\ufffe",
    ),
    *("ü", "日本語", "😀", "e\u0301", "\u200b"),
    *("-x", "-", "--", "--X=1", "-Dx=y", "{{HOME}}", "x}}", "<CPS>", "a<LOG_DIR>b", "x" * 10_241),
]
# What a stand-in for spark-submit is given is written down; it is found where Spark's own program would be.
RECORD = """#!{python}
import json, os, sys
with open({told!r}, "w") as told:
    json.dump([os.fsencode(each).hex() for each in sys.argv[1:]], told)
"""


def built(*values: str) -> list[str]:
    return arguments(replace(READINGS, arguments=values), PINNED, ARTIFACTS)


def test_inert_strings_arrive_at_the_program_byte_for_byte_and_no_shell_sees_them(tmp_path: Path) -> None:
    made = step("readings", built(*INERT), "CONTINUE")["HadoopJarStep"]
    told = tmp_path / "told.json"
    program = tmp_path / "spark" / "bin" / "spark-submit"
    program.parent.mkdir(parents=True)
    program.write_text(RECORD.format(python=sys.executable, told=str(told)), encoding="utf-8")
    program.chmod(0o755)
    environment = SparkEnvironment(tmp_path, {"SPARK_HOME": str(tmp_path / "spark")})
    place = Place(tmp_path / "step", {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, "http://127.0.0.1:1", 8192)
    prepared = prepare(parse(made["Jar"], made["Args"]), [], environment, Jars("", {}), place)
    assert run(tmp_path / "work", list(prepared.command), dict(prepared.variables)) == Outcome(0)
    met = [bytes.fromhex(each).decode() for each in json.loads(told.read_text(encoding="utf-8"))]
    program_at = made["Args"].index(ARTIFACTS.entry_points[READINGS.entry_point])
    assert met[met.index(made["Args"][program_at]) :] == made["Args"][program_at:]
    assert list(tmp_path.rglob("owned")) == []


def run(folder: Path, command: list[str], variables: dict[str, str]) -> Outcome:
    """Run a command as the embedded EMR runs a step's."""
    told: list[Outcome] = []
    work = Work(folder, lambda work: Outcome(work.execute(command, variables)), told.append)
    work.begin()
    work.join()
    return told[0]


@pytest.mark.parametrize("value", INERT)
def test_an_inert_string_is_neither_a_flag_of_spark_nor_its_program(value: str) -> None:
    spark = parse("command-runner.jar", built(value))
    assert spark.program == (*parse("command-runner.jar", built()).program, value)
    assert spark.options == parse("command-runner.jar", built()).options


@pytest.mark.parametrize("value", REFUSED)
def test_a_string_that_would_not_arrive_as_it_is_makes_no_step(value: str) -> None:
    with pytest.raises(UsageError, match=r"HadoopJarStep\.Args.*expected "):
        step("readings", built(value), "CONTINUE")


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "\x1b[2J", "\u202eabc", "\ud800", "{{x}}", "", "x" * 257])
def test_a_name_that_would_be_read_otherwise_makes_no_step(name: str) -> None:
    with pytest.raises(UsageError, match=r"^step .*\nName: expected "):
        step(name, built(), "CONTINUE")


@pytest.mark.parametrize("value", REFUSED[:12])
def test_a_refusal_is_one_line_for_each_fault_and_shows_nothing_raw(value: str) -> None:
    with pytest.raises(UsageError) as refused:
        step(value, built(value), "CONTINUE")
    lines = str(refused.value).split("\n")
    assert len(lines) <= 4
    assert all(line.isprintable() for line in lines)
    assert value not in str(refused.value)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=10), max_size=4), st.text(max_size=10))
def test_any_strings_are_refused_or_arrive(values: list[str], name: str) -> None:
    given_ = built(*values)
    try:
        made = step(name, given_, "CONTINUE")
    except UsageError:
        return
    spark = parse(made["HadoopJarStep"]["Jar"], made["HadoopJarStep"]["Args"])
    assert spark.program[len(spark.program) - len(values) :] == tuple(values)
    assert spark.deploy_mode == "cluster"
    assert "\n" not in json.dumps(made, ensure_ascii=False)
