"""Calls and faults drawn at random against the embedded EMR, and the laws that no sequence of them may break."""
