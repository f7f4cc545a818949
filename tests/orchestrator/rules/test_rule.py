"""What a rule is."""

from orchestrator.findings import Level
from orchestrator.rules import RULES
from orchestrator.rules.rule import MOST_FAULTS, is_outside
from tests.orchestrator.rules.holding import changed, told


def test_every_rule_has_a_name_of_its_own_and_a_source() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(
        name and rule.source.startswith(("https://", "docs/"))
        for name, rule in zip(names, RULES, strict=True)
    )


def test_there_are_errors_and_advice() -> None:
    assert {rule.level for rule in RULES} == {Level.ERROR, Level.WARNING}


def test_the_ends_belong_to_a_range() -> None:
    assert [is_outside(value, 1, 2) for value in (None, 0, 1, 2, 3)] == [False, True, False, False, True]


def test_a_rule_tells_of_so_many_faults() -> None:
    tags = [{"Key": f"aws:{n}", "Value": "v"} for n in range(MOST_FAULTS + 1)]
    found = told(changed({"Tags": tags}))
    assert len([each for each in found if "reserved" in each]) == MOST_FAULTS
    assert "ERROR Tags: more than 100 findings of this kind; the rest is not told; expected None" in found
