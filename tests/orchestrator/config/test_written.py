"""Values that know where they were written."""

from orchestrator.config.reading import read_bytes
from orchestrator.config.written import Written, written

TREE = written(read_bytes("c.yaml", b"a:\n  - b: 1\n  - c\nd: {}\n"))


def test_every_value_has_its_place() -> None:
    assert (
        Written(
            {
                "a": Written(
                    [Written({"b": Written(1, "c.yaml", 2)}, "c.yaml", 2), Written("c", "c.yaml", 3)],
                    "c.yaml",
                    1,
                ),
                "d": Written({}, "c.yaml", 4),
            },
            "c.yaml",
            1,
        )
        == TREE
    )


def test_a_plain_value_has_no_places() -> None:
    assert TREE.plain() == {"a": [{"b": 1}, "c"], "d": {}}


def test_what_is_not_there_is_looked_for_around_it() -> None:
    assert TREE.at(("a", 1)).line == 3
    assert TREE.at(("a", 2)).line == 1
    assert TREE.at(("a", 0, "b", "x")).line == 2
    assert TREE.at(("d", "y")).line == 4
    assert TREE.at(("a", -1)).line == 1


def test_scalars_come_with_their_paths() -> None:
    assert [(path, each.value) for path, each in TREE.scalars()] == [(("a", 0, "b"), 1), (("a", 1), "c")]
