from pathlib import Path

from benchmarks.readings_race.variants import VARIANTS, Task, environment
from jobs.device_readings import JOB

TASK = Task(("one", "two"), Path("/place"), "delta", Path("/delta.properties"))


def test_the_job_is_started_by_spark_submit_with_the_reader_that_is_meant() -> None:
    command = VARIANTS["portable"].command(TASK)
    assert Path(command[0]).name == "spark-submit"
    assert command[1:3] == ["--properties-file", "/delta.properties"]
    script = next(place for place, part in enumerate(command) if part.endswith("jobs/device_readings.py"))
    arguments = JOB.parse(command[script + 1 :])
    assert (arguments.inputs, arguments.reader, arguments.format) == (("one", "two"), "portable", "delta")
    assert arguments.output == "/place/table"
    assert VARIANTS["fast"].command(TASK)[-2:] == ["--reader", "fast"]


def test_spark_variants_have_the_same_settings_and_the_fast_reader_one_of_its_own() -> None:
    settings = [
        [part for part in VARIANTS[name].command(TASK) if part.startswith("spark.")]
        for name in ("naive", "portable", "fast")
    ]
    assert settings[0] == settings[1]
    own = "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
    assert own in settings[2]
    assert [setting for setting in settings[2] if setting != own] == settings[0]
    assert "spark.master=local[2]" in settings[0]


def test_single_machine_engines_are_processes_of_python() -> None:
    for name, module in (("duckdb", "by_duckdb"), ("polars", "by_polars"), ("floor", "floor")):
        command = VARIANTS[name].command(TASK)
        assert command[1:3] == ["-m", f"benchmarks.readings_race.{module}"]
        assert command[3:7] == ["--input", "one", "--input", "two"]


def test_only_ours_skips_nothing() -> None:
    assert [name for name, variant in VARIANTS.items() if not variant.skips] == ["portable", "fast"]


def test_the_workers_of_spark_find_the_repository() -> None:
    found = environment()
    assert (Path(found["PYTHONPATH"]) / "benchmarks" / "readings_race").is_dir()
    assert found["POLARS_MAX_THREADS"] == "2"
