""".ci/run runs everything whatever fails, and its last line is a summary of pytest's that does not hide a failure."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFAULT, OTHER = "emr-1.0.0", "emr-2.0.0"
SUMMARY = "===== {} passed in 12.34s (0:00:12) ====="
CHECK = '#!/usr/bin/env bash\nexit "$CHECK"\n'
SETUP = '#!/usr/bin/env bash\necho "made: $*" >>calls\nexit 1\n'
# Without an exit code of its own, a run has died before pytest could sum up.
TEST = f"""\
#!/usr/bin/env bash
echo "tested: $*" >>calls
code=$DEFAULT
[ "$2" = {DEFAULT} ] || code=$OTHER
[ "$code" = died ] && exit 1
echo "{SUMMARY.format("$2")}"
exit "$code"
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Lay out a checkout of two releases whose checks and tests end as they are told."""
    for folder in (".ci", "scripts", "requirements", "cluster_configs/catalog"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for name, text in {"check": CHECK, "test": TEST, "setup": SETUP}.items():
        (tmp_path / "scripts" / name).write_text(text)
        (tmp_path / "scripts" / name).chmod(0o755)
    for label in (DEFAULT, OTHER):
        (tmp_path / "requirements" / f"{label}.txt").touch()
    table = json.loads((ROOT / "cluster_configs" / "catalog" / "releases.json").read_text())
    written = json.dumps({**table, "default": DEFAULT}, indent=2)
    (tmp_path / "cluster_configs" / "catalog" / "releases.json").write_text(written)
    return tmp_path


@pytest.mark.parametrize(
    ("check", "default", "other", "exit_code", "last"),
    [
        ("0", "0", "0", 0, [SUMMARY.format(OTHER), SUMMARY.format(DEFAULT)]),
        ("1", "0", "0", 1, [SUMMARY.format(OTHER), SUMMARY.format(DEFAULT)]),
        ("0", "1", "0", 1, [SUMMARY.format(OTHER), SUMMARY.format(DEFAULT)]),
        ("0", "0", "1", 1, [SUMMARY.format(DEFAULT), SUMMARY.format(OTHER)]),
        ("0", "0", "died", 1, [SUMMARY.format(DEFAULT), "0 passed, 1 failed in 0s"]),
    ],
    ids=["all passes", "the check fails", "the default fails", "the other fails", "the other dies"],
)
def test_everything_is_run_and_what_failed_is_told_last(
    house: Path, check: str, default: str, other: str, exit_code: int, last: list[str]
) -> None:
    told = {"CHECK": check, "DEFAULT": default, "OTHER": other, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", house / ".ci" / "run"], env=told, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == exit_code, done.stderr
    assert done.stdout.splitlines()[-2:] == last
    flags = "--color=no --durations=15"
    assert (house / "calls").read_text().splitlines() == [
        f"made: --release {OTHER}",
        f"tested: --release {DEFAULT} {flags}",
        f"tested: --release {OTHER} {flags} -m spark and not one_release",
    ]
