"""Variables in strings."""

from typing import Any

import pytest

from orchestrator.config.reading import read_bytes
from orchestrator.config.variables import (
    MOST_CHARACTERS,
    MOST_VALUES,
    fill,
    parse_variable,
    parse_variables,
)
from orchestrator.config.written import written
from orchestrator.errors import UsageError


def _filled(text: str, given: dict[str, Any] | None = None) -> tuple[Any, list[str]]:
    document = read_bytes("c.yaml", text.encode())
    assert document.findings == ()
    filled = fill(written(document), given or {}, "c.yaml")
    return filled.root.plain(), [str(each) for each in filled.findings]


@pytest.mark.parametrize(
    ("text", "given", "value"),
    [
        ("variables: {a: x}\nN: ${a}-${a}", {}, {"N": "x-x"}),
        ("variables: {a: x}\nN: ${a}", {"a": "y"}, {"N": "y"}),
        ("N: ${a}", {"a": "y"}, {"N": "y"}),
        ("variables: {a: 5, b: 1.5, c: true}\nN: [$x, '${a}${b}${c}']", {}, {"N": ["$x", "51.5true"]}),
        (
            "variables: {a: 5, b: [1], c: {d: e}}\nN: ['${a}', '${b}', '${c}']",
            {},
            {"N": [5, [1], {"d": "e"}]},
        ),
        ("variables: {a: null}\nN: {M: '${a}', O: 1}", {}, {"N": {"O": 1}}),
        ("variables: {a: null}\nN: s3://${a}/", {"a": "b"}, {"N": "s3://b/"}),
        ("N: null\nM: {O: null}", {}, {"M": {}}),
        ("variables: {a: x}\nN: $${a}$${b}${a}", {}, {"N": "${a}${b}x"}),
        ("variables: {a: '$${b}'}\nN: ${a}", {}, {"N": "${b}"}),
        ("N: ${a}", {"a": "${a}${b}$${c}"}, {"N": "${a}${b}$${c}"}),
        ("N: /mnt/${user.name}/${HOSTNAME}/${}/${a", {}, {"N": "/mnt/${user.name}/${HOSTNAME}/${}/${a"}),
        ("N: ${HOSTNAME}", {}, {"N": "${HOSTNAME}"}),
    ],
)
def test_variables_are_filled_in(text: str, given: dict[str, Any], value: Any) -> None:
    assert _filled(text, given) == (value, [])


@pytest.mark.parametrize(
    ("text", "given", "finding"),
    [
        (
            "variables: {bucket: b}\nN: s3://${bukcet}/",
            {"bucket": "b"},
            (
                "c.yaml:2: ERROR: N: unknown variable bukcet; did you mean bucket?, got 's3://${bukcet}/'; "
                "expected one of bucket; $${ stands for the characters ${"
            ),
        ),
        (
            "N: ${bucket}",
            {},
            (
                "c.yaml:1: ERROR: N: unknown variable bucket, got '${bucket}'; "
                "expected a variables block with it; $${ stands for the characters ${"
            ),
        ),
        (
            "variables: {bucket: null}\nN: s3://${bucket}/",
            {},
            (
                "c.yaml:2: ERROR: N: the variable bucket has no value, got 's3://${bucket}/'; "
                "expected --var bucket=… or a default under variables"
            ),
        ),
        (
            "variables: {a: null}\nN: ['${a}']",
            {},
            (
                "c.yaml:2: ERROR: N[0]: the variable a has no value, got '${a}'; "
                "expected --var a=… or a default under variables"
            ),
        ),
        (
            "variables: {a: [x]}\nN: -${a}",
            {},
            (
                "c.yaml:2: ERROR: N: the variable a has no place within a text, got ['x']; "
                "expected a scalar, or the variable as the whole value"
            ),
        ),
        (
            "variables: {bucket: b}\nN: -${Bucket}",
            {},
            (
                "c.yaml:2: ERROR: N: unknown variable Bucket; did you mean bucket?, got '-${Bucket}'; "
                "expected lower-case letters, digits and _, a letter first"
            ),
        ),
        (
            "variables: {A-b: x}",
            {},
            (
                "c.yaml:1: ERROR: variables.A-b: not a name of a variable, got 'A-b'; "
                "expected lower-case letters, digits and _, a letter first"
            ),
        ),
        (
            "variables: {a: x, b: ['${a}']}\nN: ${b}",
            {},
            (
                "c.yaml:1: ERROR: variables.b[0]: a variable in a variable, got '${a}'; "
                "expected a value without ${…}; $${ stands for ${"
            ),
        ),
        (
            "variables: [a]",
            {},
            "c.yaml:1: ERROR: variables: not a mapping, got ['a']; expected names and values",
        ),
        (
            "variables: {subnets: []}\nN: ${subnets}",
            {"subnet": 1},
            (
                "c.yaml: ERROR: variables.subnet: unknown variable subnet was given; did you mean subnets?; "
                "expected one of subnets"
            ),
        ),
        ("N: 1", {"a": 1}, "c.yaml: ERROR: variables.a: unknown variable a was given; expected no variables"),
        (
            "variables: {a: x}\nN: 1",
            {"a": 1},
            "c.yaml: WARNING: variables.a: the variable a was given, but nothing uses it",
        ),
    ],
)
def test_what_is_wrong_with_variables_is_told(text: str, given: dict[str, Any], finding: str) -> None:
    findings = _filled(text, given)[1]
    assert findings[0] == finding


def test_variables_cannot_make_a_bomb() -> None:
    uses = ", ".join(["'${a}'"] * 300)
    value, findings = _filled(f"N: [{uses}]", {"a": ["x"] * (MOST_VALUES // 200)})
    assert len(str(value)) < 10 * MOST_VALUES
    assert findings == [
        (
            "c.yaml:1: ERROR: N[199]: the variables make too much of it; "
            "expected at most 50,000 values and 2,097,152 characters from variables"
        )
    ]
    assert "too much" in _filled(f"N: [{uses}]", {"a": "x" * (MOST_CHARACTERS // 200)})[1][0]


def test_so_many_findings_are_told_and_then_that_there_are_more() -> None:
    names = ", ".join(f"known{n}: 1" for n in range(3000))
    uses = ", ".join("'${x" + str(n) + "}'" for n in range(3000))
    findings = _filled(f"variables: {{{names}}}\nN: [{uses}]")[1]
    assert len(findings) == 101
    last = "c.yaml: ERROR: variables: more than 100 findings about variables; the rest is not told"
    assert findings[-1] == last
    assert ", … (3000 in all); $${ stands for" in findings[0]


@pytest.mark.parametrize(
    ("argument", "name", "value"),
    [
        ("bucket=b", "bucket", "b"),
        ("subnets=[subnet-1, subnet-2]", "subnets", ["subnet-1", "subnet-2"]),
        ("n=5", "n", 5),
        ("on=yes", "on", "yes"),
        ("t=true", "t", True),
        ("t='true'", "t", "true"),
        ("account=012345678901", "account", "012345678901"),
        ("a=", "a", None),
        ("a=b=c", "a", "b=c"),
        ("a={b: 1}", "a", {"b": 1}),
        ("uri=s3://b/c", "uri", "s3://b/c"),
    ],
)
def test_arguments_are_read_as_yaml(argument: str, name: str, value: Any) -> None:
    assert parse_variable(argument) == (name, value)


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("bucket", "--var bucket: not a variable; expected name=value, the name of lower-case letters"),
        ("A=b", "--var A=b: not a variable"),
        ("a=[b", "--var a=[b: not YAML"),
        ("a=x: y", "--var a=x: y: not YAML"),
        ("a=!!python/object:os.system x", "--var a=!!python/object:os.system x: the tag"),
        ("a=b\nc: d", "--var a=b\nc: d: "),
        ("a=\udcff", "the file is not UTF-8"),
    ],
)
def test_what_is_no_argument_is_refused(argument: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_variable(argument)
    assert text in str(raised.value)


def test_several_arguments_are_read_each_name_once() -> None:
    assert parse_variables(["a=1", "b=x"]) == {"a": 1, "b": "x"}
    with pytest.raises(UsageError, match=r"--var a=2: a is given twice; expected each variable once"):
        parse_variables(["a=1", "a=2"])
