from pathlib import Path

import pytest

from tests.architecture.imports import cycle_faults, room_faults
from tests.architecture.planting import plant

ALLOWED = [
    ("jobs/sales.py", "from pyspark.sql import functions as F\nimport json\nfrom jobs.common import columns"),
    ("jobs/common/readers/lines.py", "from py4j.protocol import Py4JJavaError"),
    ("ingestion/consumer.py", "import boto3\nfrom orchestrator import submit"),
    ("orchestrator/plan.py", "from analytics import catalog"),
    ("orchestrator/cli.py", "from local_aws import server"),
    ("tests/jobs/test_sales.py", "import pytest\nfrom jobs import sales\nfrom tests.frames import frame"),
    ("scripts/jars.py", "import zipfile"),
    (
        "jobs/common/native/plain.py",
        "import pyarrow.compute as pc\nfrom jobs.common.native.engine import select",
    ),
    ("jobs/common/kinds/natively.py", "from jobs.common.native import running"),
]

REFUSED = [
    ("jobs/sales.py", "import ingestion", "'ingestion'"),
    ("jobs/sales.py", "from orchestrator.plan import plan", "'orchestrator.plan'"),
    ("jobs/sales.py", "import boto3", "'boto3'"),
    ("jobs/common/fast.py", "def read() -> None:\n    import pyarrow", "'pyarrow'"),
    ("jobs/common/native/plain.py", "import pandas", "'pandas'"),
    ("jobs/common/kinds/messages.py", "from jobs.common.native import running", "'jobs.common.native'"),
    ("jobs/sales.py", "from jobs.common.native.plain import x", "'jobs.common.native.plain'"),
    (
        "jobs/common/late.py",
        "import importlib\nimportlib.import_module('analytics.tables')",
        "'analytics.tables'",
    ),
    ("ingestion/consumer.py", "from jobs import common", "'jobs'"),
    ("ingestion/consumer.py", "import pyspark.sql", "'pyspark.sql'"),
    ("analytics/tables.py", "import jobs.common.table", "'jobs.common.table'"),
    ("analytics/tables.py", "from pyspark import sql", "'pyspark'"),
    ("orchestrator/plan.py", "import jobs", "'jobs'"),
    ("orchestrator/plan.py", "import pyspark", "'pyspark'"),
    ("orchestrator/plan.py", "import local_aws", "'local_aws'"),
    ("ingestion/consumer.py", "from tests import frames", "'tests'"),
    ("local_aws/server.py", "from orchestrator import config", "'orchestrator'"),
    ("pipelines/daily.py", "", "'pipelines'"),
    ("setup.py", "", "'setup'"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_an_import_along_the_road_is_allowed(tmp_path: Path, path: str, source: str) -> None:
    assert room_faults(plant(tmp_path, {path: source})) == []


@pytest.mark.parametrize(("path", "source", "named"), REFUSED)
def test_an_import_against_the_rule_is_named(tmp_path: Path, path: str, source: str, named: str) -> None:
    (fault,) = room_faults(plant(tmp_path, {path: source}))
    assert fault.startswith(path)
    assert named in fault


def test_the_fault_says_line_and_what_is_accepted(tmp_path: Path) -> None:
    root = plant(tmp_path, {"jobs/sales.py": "import json\nimport boto3\n"})
    assert room_faults(root) == ["jobs/sales.py:2: expected imports of jobs, py4j, pyspark only, got 'boto3'"]


def test_a_relative_import_is_resolved(tmp_path: Path) -> None:
    root = plant(tmp_path, {"jobs/__init__.py": "", "jobs/sales.py": "from .common import columns"})
    assert room_faults(root) == []


@pytest.mark.parametrize(
    "files",
    [
        {"jobs/a.py": "from jobs import b", "jobs/b.py": "import jobs.a"},
        {
            "jobs/a.py": "from jobs.b import x",
            "jobs/b.py": "from .c import y",
            "jobs/c.py": "from jobs.a import z",
        },
        {"jobs/a.py": "def late() -> None:\n    import jobs.b", "jobs/b.py": "from jobs.a import late"},
        {"jobs/p/__init__.py": "from jobs.p.m import x", "jobs/p/m.py": "from jobs.p import y"},
        {"jobs/a.py": "import jobs.a"},
    ],
)
def test_a_cycle_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    (fault,) = cycle_faults(plant(tmp_path, files))
    assert "expected no import cycle, got jobs." in fault


def test_a_package_may_gather_its_own_modules(tmp_path: Path) -> None:
    files = {
        "jobs/p/__init__.py": "from jobs.p.m import x",
        "jobs/p/m.py": "from jobs.p import n",
        "jobs/p/n.py": "",
    }
    assert cycle_faults(plant(tmp_path, files)) == []
