"""Runs that are killed, and the comparison of what they leave with runs that nobody killed."""
