from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.emr.rules.steps import MOST_CHARACTERS as EMULATED
from orchestrator.rules.steps import MOST_CHARACTERS
from orchestrator.step_arguments import COMMAND_RUNNER, argument_faults, characters, own_flag_faults
from orchestrator.steps import arguments
from tests.orchestrator.submitting import ARTIFACTS, PINNED, READINGS

GOOD = arguments(READINGS, PINNED, ARTIFACTS)
SUBMIT, JOBS = GOOD[: GOOD.index("--py-files")], GOOD[GOOD.index("--py-files") :]


def with_conf(*pairs: str) -> list[str]:
    return [*SUBMIT, *(part for pair in pairs for part in ("--conf", pair)), *JOBS]


def without(*parts: str) -> list[str]:
    at = next(at for at in range(len(GOOD)) if GOOD[at : at + len(parts)] == list(parts))
    return [*GOOD[:at], *GOOD[at + len(parts) :]]


DENIED = [
    ("spark.driver.extraJavaOptions=-javaagent:x", "options of a JVM can load any code into it"),
    ("spark.executor.defaultJavaOptions=-Dx=y", "options of a JVM can load any code into it"),
    ("spark.yarn.am.extraJavaOptions=-Dx=y", "options of a JVM can load any code into it"),
    ("spark.jars=s3://x/y.jar", "code comes from the package alone"),
    ("spark.jars.packages=a:b:1", "code comes from the package alone"),
    ("spark.jars.repositories=https://x", "code comes from the package alone"),
    ("spark.jars.ivySettings=x", "code comes from the package alone"),
    ("spark.driver.extraClassPath=/x", "classes come with the release alone"),
    ("spark.executor.extraLibraryPath=/x", "classes come with the release alone"),
    ("spark.submit.pyFiles=s3://elsewhere/x.zip", "code comes from the package alone"),
    ("spark.yarn.dist.files=x", "code comes from the package alone"),
    ("spark.master=local", "where a step runs is the orchestrator's to say"),
    ("spark.submit.deployMode=client", "where a step runs is the orchestrator's to say"),
    ("spark.plugins=x.Y", "it undoes what protects the cluster"),
    ("spark.executorEnv.LD_PRELOAD=/x.so", "variables can load code"),
    ("spark.yarn.appMasterEnv.PYTHONPATH=/x", "variables can load code"),
    ("spark.hadoop.fs.s3a.aws.credentials.provider=x.Y", "access to S3 comes from the cluster's role"),
    ("spark.hadoop.fs.s3a.bucket.lake.access.key=${x}", "access to S3 comes from the cluster's role"),
    ("spark.hadoop.fs.s3a.endpoint=https://elsewhere", "data would go by another way than AWS's"),
    ("spark.hadoop.fs.s3.impl=x.Y", "data would go by another way than AWS's"),
    ("spark.hadoop.hadoop.security.authentication=simple", "security and storage are the cluster's"),
    ("SPARK.JARS=x", None),
]


@pytest.mark.parametrize(("pair", "why"), DENIED)
def test_a_property_that_could_load_code_or_hand_out_secrets_is_refused(pair: str, why: str | None) -> None:
    name = pair.partition("=")[0]
    expected = (
        f"--conf {name}: is refused: {why}" if why else f"--conf: expected spark.<name>=<value>, got {pair!r}"
    )
    assert next(argument_faults(with_conf(pair))) == expected


@pytest.mark.parametrize(
    "pair",
    [
        "spark.sql.shuffle.partitions=200",
        "spark.executorEnv.PYSPARK_PYTHON=python3.11",
        "spark.yarn.am.nodeLabelExpression=CORE",
        "spark.hadoop.fs.s3a.connection.maximum=200",
        "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension",
        "spark.executor.memoryOverheadFactor=0.3",
        "spark.x=",
    ],
)
def test_a_property_of_tuning_is_taken(pair: str) -> None:
    assert list(argument_faults(with_conf(pair))) == []


RUNNER_UP = "write such a value as --flag=value"
FAULTY: list[tuple[Sequence[str], list[str]]] = [
    ([], ["expected spark-submit and its flags, got nothing"]),
    (["bash", "-c", "x"], ["expected spark-submit and its flags, got 'bash'"]),
    (
        without("--deploy-mode", "cluster"),
        [
            (
                "spark-submit --deploy-mode: expected cluster: a driver on the primary node is lost with it, "
                "got nothing"
            )
        ],
    ),
    (
        without("--conf", "spark.yarn.maxAppAttempts=1"),
        ["--conf spark.yarn.maxAppAttempts: expected 1, got nothing"],
    ),
    (
        with_conf("spark.yarn.maxAppAttempts=2"),
        [
            "--conf spark.yarn.maxAppAttempts: expected it once: the last would win without a word",
            "--conf spark.yarn.maxAppAttempts: expected 1, for it is the orchestrator that waits and tries again",
        ],
    ),
    (
        with_conf("spark.app.x=${env:HOME}"),
        [
            "--conf spark.app.x: expected a literal value, got '${env:HOME}': Spark would look up what ${…} names",
        ],
    ),
    (
        [*SUBMIT, "--packages", "a:b:1", *JOBS],
        [
            (
                "spark-submit '--packages': is refused; accepted: --conf, --deploy-mode, --driver-cores, "
                "--driver-memory, --executor-cores, --executor-memory, --name, --num-executors, --py-files, --queue"
            )
        ],
    ),
    (
        [*SUBMIT, "--queue", "a", "--queue", "b", *JOBS],
        ["spark-submit '--queue': expected it once: the last would win without a word"],
    ),
    (
        [*SUBMIT, "--queue", "-x", *JOBS],
        ["spark-submit --queue: expected a value that does not begin with '-', got '-x'"],
    ),
    (
        [*SUBMIT, "--py-files", "s3://elsewhere/x.zip", "s3://lake/x.py"],
        ["spark-submit --py-files: expected it in the program's bucket, lake, got 's3://elsewhere/x.zip'"],
    ),
    (
        [*SUBMIT, "--py-files", "x.whl", "local.py"],
        [
            "expected a program s3://<bucket>/….py after the flags of spark-submit, got 'local.py'",
            "spark-submit --py-files: expected one s3://<bucket>/….zip, got 'x.whl'",
        ],
    ),
    (
        [*GOOD, "-x", "--", "--X", "--ok", "--ok=-1"],
        [
            f"{each!r}: expected --flag, --flag=value or a value that does not begin with '-'; {RUNNER_UP}"
            for each in ("-x", "--", "--X")
        ],
    ),
    (
        [*GOOD, "{{x}}"],
        [f"[{len(GOOD)}]: expected no {{{{: YARN puts something else in its place, got '{{{{x}}}}'"],
    ),
    (
        [*GOOD, "--db-password", "hunter"],
        [
            (
                f"[{len(GOOD) + 1}]: holds what looks like a secret (password): "
                "all who may describe the cluster can read it"
            )
        ],
    ),
]


@pytest.mark.parametrize(("given_", "expected"), FAULTY)
def test_a_faulty_list_is_refused_with_the_reason(given_: Sequence[str], expected: list[str]) -> None:
    assert list(argument_faults(given_)) == expected


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000"),
        ("\n", "U+000A"),
        ("\r", "U+000D"),
        ("\t", "U+0009"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\u2028", "U+2028"),
        ("\u202e", "U+202E"),
        ("\ud800", "U+D800"),
        ("\uffff", "U+FFFF"),
    ],
)
def test_a_character_that_ends_or_hides_a_text_is_refused(character: str, name: str) -> None:
    assert list(argument_faults([*GOOD, f"a{character}b{character}"])) == [
        f"[{len(GOOD)}]: expected no control character, lone surrogate or line end, got {name}"
    ]


def test_a_step_has_10240_characters_at_most() -> None:
    room = MOST_CHARACTERS - sum(map(characters, (COMMAND_RUNNER, *GOOD)))
    fitting = [*GOOD, "x" * room]
    assert list(argument_faults(fitting)) == []
    assert list(argument_faults([*fitting, "z"])) == [
        "expected at most 10240 characters in a step with its jar, got 10241; pin inputs by a list"
    ]
    assert MOST_CHARACTERS == EMULATED


@pytest.mark.parametrize(("text", "count"), [("", 0), ("xé", 2), ("😀", 2), ("\ud800", 1)])
def test_characters_are_counted_as_java_does(text: str, count: int) -> None:
    assert characters(text) == count


@pytest.mark.parametrize(("text", "name"), [("ü", "U+00FC"), ("a日本", "U+65E5"), ("😀", "U+1F600")])
def test_what_is_beyond_ascii_may_not_arrive_and_is_refused(text: str, name: str) -> None:
    assert list(argument_faults([*GOOD, text])) == [
        f"[{len(GOOD)}]: expected ASCII, got {name}: a JVM that has no UTF-8 locale would hand on '?'"
    ]


def test_flags_of_the_orchestrator_are_not_a_pipelines_to_give() -> None:
    assert list(own_flag_faults(["--output", "x", "--run-id=y", "--changes-from", "--outputs"])) == [
        f"{flag}: expected it to be left to the orchestrator, which fills it in from keys and the run"
        for flag in ("--output", "--run-id")
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*GOOD, "--conf", "a=b", "--"])), max_size=12)
)
def test_any_list_has_faults_or_none_but_never_a_traceback(given_: list[str]) -> None:
    assert all(isinstance(fault, str) for fault in argument_faults(given_))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_no_value_of_a_job_becomes_a_flag_or_a_property_of_spark(text: str) -> None:
    built = arguments(replace(READINGS, arguments=(text,)), PINNED, ARTIFACTS)
    assert built[:-1] == GOOD
    assert built[-1] == text
