"""What unquoted words and strings mean."""

import pytest

from orchestrator.config import scalars


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("on", "on"),
        ("yes", "yes"),
        ("0", 0),
        ("-0", 0),
        ("012345678901", "012345678901"),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2026-11-26", "2026-11-26"),
        ("emr-7.14.0", "emr-7.14.0"),
    ],
)
def test_words_mean_what_the_core_schema_of_yaml_1_2_says(word: str, meaning: object) -> None:
    met = scalars.plain(word)
    assert (met, type(met)) == (meaning, type(meaning))


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (".nan", "is not a finite number"),
        ("-.inf", "is not a finite number"),
        ("1e999", "is not a finite number"),
        ("9" * 41, "a number of more than 40 characters"),
        ("0x" + "f" * 40, "a number of more than 40 characters"),
    ],
)
def test_numbers_that_a_request_cannot_hold_are_refused(word: str, reason: str) -> None:
    with pytest.raises(scalars.UnfitError, match=f"^{reason}$"):
        scalars.plain(word)


def test_a_number_of_as_many_characters_as_allowed_is_read() -> None:
    assert scalars.plain("9" * 40) == int("9" * 40)


def test_a_character_that_json_writes_as_two_is_one() -> None:
    assert scalars.text("\ud83d\ude00, 1\n\t") == "😀, 1\n\t"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("\ud83d", r"has half a character \(an unpaired surrogate\)"),
        ("a\x00b", r"has a control character, U\+0000"),
        ("a\x7f", r"has a control character, U\+007F"),
    ],
)
def test_strings_that_a_request_cannot_hold_are_refused(written: str, reason: str) -> None:
    with pytest.raises(scalars.UnfitError, match=f"^{reason}$"):
        scalars.text(written)
