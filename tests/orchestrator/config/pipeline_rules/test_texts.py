from dataclasses import replace

import pytest

from orchestrator.config.pipeline_rules.texts import character_problems, job_problems, name_problem
from tests.orchestrator.config.pipeline_rules.pipelines import PLAIN

ENTRIES = ["jobs/a.py", "jobs/device_readings.py"]


@pytest.mark.parametrize("name", ["a", "a1_b", "a" * 40])
def test_a_name_of_small_letters_is_taken(name: str) -> None:
    assert list(name_problem(name, ("name",))) == []


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "a" * 41, "a\n", "../a", "$(x)", "ä"])
def test_a_name_that_could_be_read_otherwise_is_refused(name: str) -> None:
    (found,) = name_problem(name, ("jobs", name))
    assert (found.path, found.problem, found.value) == (("jobs", name), "not a name", repr(name))
    assert (
        found.expected == "a-z, 0-9 and _, a letter first, at most 40: it stands in names on S3 and of steps"
    )


def test_characters_are_looked_for_in_all_keys_and_values() -> None:
    value = {"a": ["x", "y\n"], "b\u202e": {"c": "{{x}}"}, "d": 5, "e": None}
    assert [(each.path, each.problem) for each in character_problems(value)] == [
        (("a", 1), "expected no control character, lone surrogate or line end, got U+000A"),
        ((), "in a key: expected no control character, lone surrogate or line end, got U+202E"),
        (("b\u202e", "c"), "expected no {{: YARN puts something else in its place, got '{{x}}'"),
    ]


@pytest.mark.parametrize(
    ("entry", "meant"),
    [
        ("jobs/device_reading.py", "; did you mean jobs/device_readings.py?"),
        ("jobs/../jobs/a.py", ""),
        ("/etc/passwd", ""),
        ("s3://elsewhere/a.py", ""),
        ("jobs/common/files.py", ""),
    ],
)
def test_an_entry_point_is_an_entry_file_of_the_repository(entry: str, meant: str) -> None:
    (found,) = job_problems(replace(PLAIN, entry_point=entry), ENTRIES)
    assert (found.path, found.value) == (("jobs", "a", "entry_point"), repr(entry))
    assert found.problem == f"no entry file of this repository{meant}"
    assert found.expected == "one of jobs/a.py, jobs/device_readings.py"


def test_what_becomes_an_argument_is_ascii_and_a_pinned_input_need_not_be() -> None:
    job = replace(
        PLAIN,
        inputs=("s3://lake/ä/",),
        output="s3://lake/ö",
        quarantine="s3://lake/ü",
        arguments=("ok", "ß"),
        spark_conf={"spark.x": "é"},
    )
    told = "expected ASCII, got U+00{}: a JVM that has no UTF-8 locale would hand on '?'"
    expected: list[tuple[tuple[str | int, ...], str]] = [
        (("output",), told.format("F6")),
        (("quarantine",), told.format("FC")),
        (("inputs", 0), told.format("E4")),
        (("arguments", 1), told.format("DF")),
        (("spark_conf", "spark.x"), told.format("E9")),
    ]
    assert [(each.path[2:], each.problem) for each in job_problems(job, ENTRIES)] == expected
    pinned = replace(job, pin_inputs=True)
    del expected[2]
    assert [(each.path[2:], each.problem) for each in job_problems(pinned, ENTRIES)] == expected


def test_arguments_and_properties_are_held_against_the_rules_of_steps_each_in_its_place() -> None:
    job = replace(
        PLAIN,
        arguments=("--ok", "--run-id=x", "-y"),
        spark_conf={"spark.sql.shuffle.partitions": "2", "spark.jars": "x", "a b": "c"},
    )
    assert [(each.path[2:], each.problem) for each in job_problems(job, ENTRIES)] == [
        (
            ("arguments", 1),
            "--run-id: expected it to be left to the orchestrator, which fills it in from keys and the run",
        ),
        (
            ("arguments", 2),
            (
                "'-y': expected --flag, --flag=value or a value that does not begin with '-'; "
                "write such a value as --flag=value"
            ),
        ),
        (("spark_conf", "spark.jars"), "spark.jars: is refused: code comes from the package alone"),
        (("spark_conf", "a b"), "--conf: expected spark.<name>=<value>, got 'a b=c'"),
    ]
