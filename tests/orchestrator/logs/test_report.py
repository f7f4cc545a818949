"""A failed step is told with its reason and the lines that explain it; what is missing is said, not raised."""

from local_aws.emr.faults import CallFault
from local_aws.s3_server import Faults, S3Server
from orchestrator.logs.report import FailureReport, failure_report
from tests.orchestrator.logs import samples
from tests.orchestrator.logs.shelf import Shelf


def failed(server: S3Server, log_uri: str = "s3://{bucket}/emr/") -> Shelf:
    shelf = Shelf(server, exit_code=1, log_uri=log_uri)
    shelf.clock.sleep(7200)
    return shelf


def report(shelf: Shelf) -> FailureReport:
    return failure_report(
        shelf.emr,
        shelf.objects,
        shelf.cluster_id,
        shelf.step_id,
        shelf.until(),
        lambda text: text.replace("lost", "***"),
    )


def test_the_drivers_traceback_explains_a_step_in_cluster_mode(server: S3Server) -> None:
    shelf = failed(server)
    shelf.put("controller.gz", samples.CONTROLLER)
    shelf.put(
        "stderr.gz", "INFO Client: Application report for application_17_0001\n\t final status: FAILED\n"
    )
    shelf.put_driver("stdout.gz", samples.PYTHON)
    found = report(shelf)
    assert (found.reason, found.message) == ("Unknown Error.", "")
    assert found.where == shelf.uri("")
    assert found.lines[0].endswith("WARN Step failed with exitCode -1 and took 2586 seconds")
    assert found.lines[1] == "\t final status: FAILED"
    assert found.lines[-1] == "ValueError: rows were ***"


def test_without_logs_there_are_words_of_where_they_will_be(server: S3Server) -> None:
    shelf = failed(server)
    found = report(shelf)
    assert found.lines == ()
    assert found.where == (
        f"{shelf.uri('')} (nothing that explains it there yet: EMR puts logs there for some minutes more)"
    )


def test_without_a_log_uri_that_is_said(server: S3Server) -> None:
    found = report(failed(server, log_uri=""))
    assert found == FailureReport(
        "Unknown Error.", "", "", (), "the cluster has no LogUri: EMR keeps no logs"
    )


def test_what_may_not_be_read_is_said(server: S3Server) -> None:
    shelf = failed(server)
    with server.failing(Faults(statuses=(403,), rate=1, wanted=lambda each: each.bucket == shelf.bucket)):
        found = report(shelf)
    assert found.reason == "Unknown Error."
    assert found.where.startswith("could not be looked at: S3 ListObjectsV2: AccessDenied")


def test_where_emr_does_not_answer_the_report_is_empty_but_there(server: S3Server) -> None:
    shelf = failed(server)
    shelf.embedded.faults.script.append(CallFault("throttled", 1.0))
    found = report(shelf)
    assert found.where.startswith(
        "could not be looked at: EMR DescribeStep: throttled until the time was over"
    )
    assert (found.reason, found.lines) == ("", ())
