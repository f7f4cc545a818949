from collections.abc import Sequence
from dataclasses import replace

import pytest

from jobs.common.kinds.messages import MessageArguments
from jobs.device_readings import JOB

PLACES = ("--output", "out", "--quarantine", "s3://q/x", "--manifest", "/m.json")
DEFAULTS = MessageArguments(
    inputs=("in",),
    inputs_from=None,
    output="out",
    quarantine="s3://q/x",
    manifest="/m.json",
    run_id=None,
    target_file_mib=256,
    format="parquet",
    deletion_vectors=False,
    reader="auto",
)


def parsed(*argv: str) -> MessageArguments:
    return replace(JOB, name="readings", description="What it makes.").parse(argv)


def refusal(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> str:
    with pytest.raises(SystemExit) as raised:
        parsed(*argv)
    assert raised.value.code == 2
    return capsys.readouterr().err


def test_what_is_not_given_has_its_default() -> None:
    assert parsed("--input", "in", *PLACES) == DEFAULTS


def test_every_flag_is_taken() -> None:
    argv = ["--input", "a*", "--input", "s3://b/c d", "--inputs-from", "list", *PLACES, "--run-id", "r-1_Z",
            "--target-file-mib", "64", "--reader", "portable", "--format", "delta", "--deletion-vectors"]  # fmt: skip
    assert parsed(*argv) == MessageArguments(
        inputs=("a*", "s3://b/c d"),
        inputs_from="list",
        output="out",
        quarantine="s3://q/x",
        manifest="/m.json",
        run_id="r-1_Z",
        target_file_mib=64,
        format="delta",
        deletion_vectors=True,
        reader="portable",
    )


def test_a_list_alone_is_input_enough() -> None:
    assert parsed("--inputs-from", "list", *PLACES).inputs == ()


@pytest.mark.parametrize("run_id", ["a", "Z", "r0123456789abcdef", "a" * 64, "A-b_9"])
def test_run_ids_are_letters_digits_dash_and_underscore(run_id: str) -> None:
    assert parsed("--input", "in", *PLACES, "--run-id", run_id).run_id == run_id


@pytest.mark.parametrize(
    "run_id", ["", "1a", "-a", "_a", "a" * 65, "a.b", "a/b", "a b", "é", "aé", "a\n", "a=1"]
)
def test_another_run_id_is_wrong_usage(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        "argument --run-id: expected a letter and at most 63 letters, digits, '_' or '-' after it, "
        f"got {run_id!r}"
    ) in refusal(capsys, ["--input", "in", *PLACES, f"--run-id={run_id}"])


@pytest.mark.parametrize("mib", ["1", "256", "999999", "007"])
def test_a_file_size_is_a_whole_number(mib: str) -> None:
    assert parsed("--input", "in", *PLACES, "--target-file-mib", mib).target_file_mib == int(mib)


@pytest.mark.parametrize("mib", ["0", "000", "-1", "+1", "1.5", "", "x", "1000000", "1_0", "\u0661", " 1"])
def test_another_file_size_is_wrong_usage(mib: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = f"argument --target-file-mib: expected a whole number from 1 to 999999, got {mib!r}"
    assert words in refusal(capsys, ["--input", "in", *PLACES, f"--target-file-mib={mib}"])


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (PLACES, "one of the arguments --input --inputs-from is required"),
        (
            ("--input", "in"),
            "the following arguments are required: --output, --manifest, --quarantine",
        ),
        (("--input", "in", *PLACES[:4]), "the following arguments are required: --manifest"),
        (
            ("--input", "in", *PLACES, "--reader", "slow"),
            "argument --reader: invalid choice: 'slow' (choose from 'auto', 'fast', 'portable')",
        ),
        (("--input", "in", *PLACES, "--out", "x"), "unrecognized arguments: --out x"),
        (("in", "--input", "in", *PLACES), "unrecognized arguments: in"),
        (("--input", "in", *PLACES, "--input"), "argument --input: expected one argument"),
        (
            ("--input", "in", "--output", "/", *PLACES[2:]),
            "argument --output: expected a place of its own, got '/'",
        ),
        (
            ("--input", "in", *PLACES[:2], "--quarantine", "", *PLACES[4:]),
            "argument --quarantine: expected a place of its own, got ''",
        ),
        (
            ("--input", "in", *PLACES[:4], "--manifest", "//"),
            "argument --manifest: expected a place of its own, got '//'",
        ),
        (
            ("--input", "in", *PLACES, "--format", "iceberg"),
            "argument --format: invalid choice: 'iceberg' (choose from 'parquet', 'delta')",
        ),
        (
            ("--input", "in", *PLACES, "--deletion-vectors"),
            "argument --deletion-vectors: is for --format delta alone, got --format parquet",
        ),
    ],
)
def test_wrong_usage_is_told_and_exits_with_2(
    argv: Sequence[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal(capsys, argv)
    assert told.startswith("usage: readings [-h]")
    assert told.endswith(f"readings: error: {words}\n")


def test_help_says_what_the_job_makes_and_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        parsed("--help")
    told = capsys.readouterr().out
    assert raised.value.code == 0
    assert "What it makes." in told
    for flag in (
        "input",
        "inputs-from",
        "output",
        "quarantine",
        "manifest",
        "run-id",
        "target-file-mib",
        "reader",
        "format",
        "deletion-vectors",
    ):
        assert f"\n  --{flag} " in told
