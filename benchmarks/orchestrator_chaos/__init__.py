"""The orchestrator against the embedded EMR in one process: days in a moment, each call and fault counted."""
