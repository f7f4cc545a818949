"""Runs jobs on Amazon EMR, or on the embedded AWS of this machine.

The command is `orchestrator`, or `python -m orchestrator` in a checkout.
"""
