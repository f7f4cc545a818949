"""What is common to all command lines; flags and their refusals are in kinds/test_messages.py."""

import argparse

import pytest

from jobs.common.arguments import base_parser, base_values, positive


def test_a_kind_of_job_without_a_quarantine_has_none() -> None:
    parser = base_parser("job", "What it makes.")
    values = base_values(parser, parser.parse_args(["--output", "out", "--manifest", "m.json"]))
    assert values["quarantine"] is None
    assert (values["format"], values["deletion_vectors"], values["target_file_mib"]) == (
        "parquet",
        False,
        256,
    )


def test_positive_takes_whole_numbers_from_one() -> None:
    assert positive("12") == 12
    with pytest.raises(argparse.ArgumentTypeError, match="expected a whole number from 1 to 999999, got '0'"):
        positive("0")
