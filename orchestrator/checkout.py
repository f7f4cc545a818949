"""The repository that this code runs from: what is packed, and what pipelines name."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
