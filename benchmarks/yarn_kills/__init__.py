"""Executors and drivers that are killed on the embedded EMR's YARN, and what became of the tables."""
