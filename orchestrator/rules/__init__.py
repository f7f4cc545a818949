"""What AWS states only in prose, as errors, and advice, as warnings: each a small function with its source."""

from orchestrator.rules.table import APPLICATION_RULES, RULES, check, check_application

__all__ = ["APPLICATION_RULES", "RULES", "check", "check_application"]
