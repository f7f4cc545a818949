"""What the orchestrator does: one verb, one module, one function."""
