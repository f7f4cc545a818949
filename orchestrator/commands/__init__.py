"""The commands: options in, results out; what a verb does stands in `orchestrator.verbs`."""
