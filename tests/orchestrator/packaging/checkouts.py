"""A checkout as small as one can be."""

from pathlib import Path

SOURCES = {
    "jobs/__init__.py": '__version__ = "1.2.3"\n',
    "jobs/sales.py": "def main() -> int:\n    return 0\n",
    "jobs/common/__init__.py": "",
    "jobs/common/codes.csv": "a,b\n",
}
LEFT_OUT = {
    "README.md": "",
    "ingestion/__init__.py": "",
    "jobs/.hidden": "",
    "jobs/__pycache__/sales.cpython-311.pyc": "",
    "jobs/common/.cache/x.py": "",
}
SCRIPTS = {
    "bootstrap/verified.sh": "#!/bin/sh\n",
    "bootstrap/fast reader.sh": "#!/bin/sh\necho ü\n",
    "bootstrap/.hidden": "",
}


def checkout(root: Path, files: dict[str, str]) -> Path:
    """Write the files in the order they come."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
