"""Consumers of one ledger that crash, lose answers, are throttled and sleep: nothing is lost, nothing done twice."""
