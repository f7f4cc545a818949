"""Calls and faults at random against the embedded EMR Serverless."""
