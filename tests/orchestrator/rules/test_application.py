"""An application as the rules look at it."""

from orchestrator.config.limits import Limits
from orchestrator.rules.application import Application, submitted


def test_properties_of_spark_are_those_that_win() -> None:
    def configurations(value: str) -> list[object]:
        return [{"classification": "spark-defaults", "properties": {"a": value, value: value}}]

    job_run = {
        "configurationOverrides": {"applicationConfiguration": configurations("job")},
        "jobDriver": {"sparkSubmit": {"sparkSubmitParameters": "--conf a=last --num-executors 2"}},
    }
    request = {"runtimeConfiguration": configurations("application")}
    found = Application(request, job_run, None, Limits()).spark()
    assert found == {
        "a": "last",
        "job": "job",
        "application": "application",
        "spark.executor.instances": "2",
    }


def test_properties_are_read_in_both_ways_of_writing_them() -> None:
    words = ["--conf=spark.a=1", "-c", "spark.b=x=y", "--driver-memory", "2g", "--verbose"]
    assert submitted(words) == {"spark.a": "1", "spark.b": "x=y", "spark.driver.memory": "2g"}


def test_logs_of_job_runs_win_over_those_of_the_application() -> None:
    def monitoring(uri: str) -> dict[str, object]:
        return {"monitoringConfiguration": {"s3MonitoringConfiguration": {"logUri": uri}}}

    both = Application(monitoring("s3://a"), {"configurationOverrides": monitoring("s3://j")}, None, Limits())
    assert both.log_uri[1] == "s3://j"
    assert Application(monitoring("s3://a"), {}, None, Limits()).log_uri[1] == "s3://a"
    assert Application({}, {}, None, Limits()).log_uri == (("monitoringConfiguration",), None)
