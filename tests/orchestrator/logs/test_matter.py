"""What of a log is told of a failure: little, and the right part."""

import pytest

from orchestrator.logs.matter import MOST_LINES, lines_that_matter
from tests.orchestrator.logs import samples


def matter(text: str, most: int = MOST_LINES) -> list[str]:
    return lines_that_matter(text.splitlines(), most)


def test_of_a_traceback_the_last_frames_and_what_was_raised_are_told() -> None:
    assert matter(samples.PYTHON) == [
        "Traceback (most recent call last):",
        '  File "/mnt/tmp/job.py", line 7, in main',
        "    run(1)",
        '  File "/mnt/tmp/jobs.zip/jobs/common/runner.py", line 55, in run',
        '    raise ValueError("rows were lost")',
        "ValueError: rows were lost",
    ]


def test_of_javas_causes_each_is_told_with_its_first_frame() -> None:
    assert matter(samples.JAVA) == [
        line for line in samples.JAVA.splitlines() if "abortStage" not in line and "more" not in line
    ]


def test_of_what_repeats_the_last_is_told_and_spark_s_noise_is_not() -> None:
    [line] = matter(samples.LOST_EXECUTORS)
    assert "Lost executor 26" in line


@pytest.mark.parametrize(
    "text",
    [
        "24/01/01 10:00:00 ERROR Executor: java.io.IOException: No space left on device",
        "24/01/01 10:00:00 WARN TaskSetManager: Lost task 1.0 in stage 2.0 (TID 3): FetchFailed(BlockManagerId(1))",
        "24/01/01 10:00:00 WARN YarnAllocator: Container killed by YARN for exceeding physical memory limits",
        "2026-01-01T00:00:00.000Z WARN Step failed with exitCode 2 and took 3 seconds",
        "24/01/01 10:00:00 INFO ApplicationMaster: Final app status: FAILED, exitCode: 13",
        "2026-01-01T00:00:00.000Z INFO waitProcessCompletion ended with exit code 1 : hadoop jar x",
        "Command exiting with ret '137'",
        "java.lang.OutOfMemoryError: Java heap space",
        "\t final status: FAILED",
        "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
    ],
)
def test_lines_that_are_known_to_matter_are_told(text: str) -> None:
    noise = "24/01/01 10:00:00 INFO DAGScheduler: Submitting 3 missing tasks\n"
    assert matter(f"{noise}{text}\n{noise}") == [text]


def test_real_logs_of_users_are_told_by_one_line_each() -> None:
    assert matter(samples.CONTROLLER) == [
        "2017-03-29T19:48:32.155Z WARN Step failed with exitCode -1 and took 2586 seconds"
    ]
    [line] = matter(samples.MEMORY_LIMITS)
    assert "exceeding memory limits" in line


def test_where_nothing_is_known_to_matter_the_last_words_are_told() -> None:
    words = "\n".join(f"word {number}" for number in range(30))
    assert matter(words) == [f"word {number}" for number in range(20, 30)]
    assert matter("") == []


def test_no_more_lines_than_asked_and_of_each_kind_one() -> None:
    early = "24/01/01 10:00:00 ERROR Executor: java.io.IOException: No space left on device\n"
    many = "".join(
        f"java.lang.RuntimeException: {'abcdefghij'[number % 10] * (number + 1)}\n" for number in range(500)
    )
    found = matter(early + many, most=7)
    assert len(found) == 7
    assert "No space left" in found[0]
    assert found[-1] == f"java.lang.RuntimeException: {'j' * 500}"[:500]
    assert len(found[-1]) == 500


def test_what_comes_again_last_is_the_last() -> None:
    text = "java.io.IOException: first\njava.io.IOException: second\njava.io.IOException: first\n"
    assert matter(text, most=1) == ["java.io.IOException: first"]
    assert matter(text) == ["java.io.IOException: second", "java.io.IOException: first"]


def test_a_log_that_ends_in_a_traceback_is_told_as_far_as_it_goes() -> None:
    cut = samples.PYTHON.partition("ValueError: rows")[0]
    assert matter(cut)[-1] == '    raise ValueError("rows were lost")'
