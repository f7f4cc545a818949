from pathlib import Path

import pytest

from tests.architecture import shape
from tests.architecture.planting import plant

WORKING = "def work() -> int:\n    return 1\n"


@pytest.mark.parametrize("room", ["jobs", "tests", "scripts", "benchmarks"])
def test_a_file_may_have_300_lines_and_no_more(tmp_path: Path, room: str) -> None:
    path = f"{room}/long.py"
    assert shape.size_faults(plant(tmp_path, {path: "x = 1\n" * 300})) == []
    assert shape.size_faults(plant(tmp_path, {path: "x = 1\n" * 301})) == [
        f"{path}: expected at most 300 lines, got 301; split it by noun or verb"
    ]


def test_a_function_may_have_40_lines_and_no_more(tmp_path: Path) -> None:
    head = "class A:\n    def work(self) -> None:\n"
    assert shape.size_faults(plant(tmp_path, {"jobs/a.py": head + "        pass\n" * 39})) == []
    assert shape.size_faults(plant(tmp_path, {"jobs/a.py": head + "        pass\n" * 40})) == [
        "jobs/a.py:2: expected at most 40 lines, got 41 in work; name its steps"
    ]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("def work(a) -> None: ...", "'a' of work"),
        ("def work(a: int): ...", "the return of work"),
        ("def work(*rows) -> None: ...", "'rows' of work"),
        ("def work(*, a, **rest: int) -> None: ...", "'a' of work"),
        ("def work(a, /) -> None: ...", "'a' of work"),
        ("async def work(**rest) -> None: ...", "'rest' of work"),
        ("def work(self) -> None: ...", "'self' of work"),
        ("class A:\n    def work(self, a) -> None: ...", "'a' of work"),
        ("class A:\n    def __init__(self): ...", "the return of __init__"),
    ],
)
def test_what_has_no_type_is_named(tmp_path: Path, source: str, missing: str) -> None:
    (fault,) = shape.annotation_faults(plant(tmp_path, {"jobs/a.py": source}))
    assert missing in fault


def test_self_and_cls_need_no_type(tmp_path: Path) -> None:
    source = (
        "class A:\n    def a(self) -> None: ...\n    @classmethod\n    def b(cls, x: int = 1) -> None: ...\n"
    )
    assert shape.annotation_faults(plant(tmp_path, {"jobs/a.py": source})) == []


@pytest.mark.parametrize(
    ("module", "test_file"),
    [
        ("jobs/sales.py", "tests/jobs/test_sales.py"),
        ("jobs/common/readers/lines.py", "tests/jobs/common/readers/test_lines.py"),
        ("orchestrator/plan.py", "tests/orchestrator/test_plan.py"),
        ("scripts/jars.py", "tests/scripts/test_jars.py"),
        ("jobs/common/readers/__init__.py", "tests/jobs/common/test_readers.py"),
        ("jobs/common/readers/__init__.py", "tests/jobs/common/readers/test_readers.py"),
    ],
)
def test_behaviour_needs_a_test_file_of_its_name(tmp_path: Path, module: str, test_file: str) -> None:
    (fault,) = shape.test_file_faults(plant(tmp_path, {module: WORKING}))
    assert fault.startswith(f"{module}: expected its tests in tests/")
    (fault,) = shape.test_file_faults(plant(tmp_path, {test_file: "# none yet\n"}))
    assert fault.startswith(f"{module}: expected its tests in tests/")
    assert shape.test_file_faults(plant(tmp_path, {test_file: "def test_work() -> None: ...\n"})) == []


@pytest.mark.parametrize(
    ("source", "has_behaviour"),
    [
        ("LIMIT = 3\n", False),
        ("class Wrong(Exception):\n    '''Raised when.'''\n", False),
        (
            "from typing import Protocol\nclass Store(Protocol):\n    def put(self) -> None:\n        '''Put.'''\n",
            False,
        ),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\n", False),
        ("class A:\n    @property\n    def a(self) -> int:\n        return 1\n", True),
    ],
)
def test_only_code_that_does_something_has_behaviour(
    tmp_path: Path, source: str, has_behaviour: bool
) -> None:
    assert bool(shape.test_file_faults(plant(tmp_path, {"jobs/common/a.py": source}))) is has_behaviour


@pytest.mark.parametrize(
    "comment",
    [
        "noqa",
        "noqa: S101",
        "type: ignore",
        "type: ignore[arg-type]",
        "type: ignore  - because",
        "noqa - because",
        "nosec",
    ],
)
def test_a_check_silenced_without_rule_or_reason_is_found(tmp_path: Path, comment: str) -> None:
    (fault,) = shape.silence_faults(plant(tmp_path, {"jobs/a.py": f"x = 1\ny = 2  # {comment}\n"}))
    assert fault.startswith("jobs/a.py:2: expected a rule and a reason")


@pytest.mark.parametrize(
    "comment", ["noqa: S101 - it is so", "type: ignore[arg-type]  # it is so", "noqa: A1, B2 # so"]
)
def test_a_check_silenced_with_rule_and_reason_passes(tmp_path: Path, comment: str) -> None:
    source = f"x = '# noqa'  # {comment}\n"
    assert shape.silence_faults(plant(tmp_path, {"jobs/a.py": source})) == []
