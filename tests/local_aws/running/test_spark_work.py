"""A spark-submit as a piece of work; what it becomes is tested with `step_work` and `job_run_work`."""

from pathlib import Path
from unittest.mock import sentinel

from local_aws.emr.world import Outcome
from local_aws.running.memory import Memory
from local_aws.running.spark_command import SparkCommand
from local_aws.running.spark_work import Wanted, execute, prepared
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop
from tests.local_aws.running import checkout

WANTED = Wanted("emr-7.14.0", [], SparkCommand((), ("j.py", "ok")))


def shop_in(root: Path) -> Workshop:
    made = checkout.make(root / "checkout")
    return Workshop(root, "http://e", sentinel.s3, {}, lambda do: do(), 0, 0, Memory(4000), made)


def test_the_jars_of_a_release_are_looked_for_once(tmp_path: Path) -> None:
    shop = shop_in(tmp_path)

    def do(work: Work) -> Outcome:
        first = prepared(shop, WANTED, work)
        (tmp_path / "checkout/scripts/jars.py").unlink()
        assert prepared(shop, WANTED, work).command == first.command
        return Outcome(execute(shop, first, work))

    told: list[Outcome] = []
    work = Work(tmp_path / "w", do, told.append)
    work.begin()
    work.join()
    assert told == [Outcome(0)]
    assert list(shop.jars) == [("emr-7.14.0", False)]


def test_a_python_of_its_own_takes_the_place_of_the_releases(tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    work = Work(tmp_path / "w", lambda _: Outcome(), lambda _: None)
    work.begin()
    work.join()
    ready = prepared(shop, WANTED, work, python="/own/python")
    assert "spark.pyspark.driver.python=/own/python" in ready.command
    assert ready.variables["PYSPARK_DRIVER_PYTHON"] == "/own/python"


def test_what_is_stopped_while_it_waits_for_memory_does_not_run(tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    work = Work(tmp_path / "w", lambda _: Outcome(), lambda _: None)
    work.begin()
    work.join()
    ready = prepared(shop, WANTED, work)
    work.stop(is_forced=True)
    assert execute(shop, ready, work) == TERMINATED
    assert "stopped while it waited for memory" in (work.folder / "controller").read_text()
