"""What AWS states only in prose, as errors, and advice, as warnings: each a small function with its source."""

from orchestrator.rules.table import RULES, check

__all__ = ["RULES", "check"]
