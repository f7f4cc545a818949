"""A repository with a fault in it, for the tests that see each rule fail."""

from pathlib import Path


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write the files below the root and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
