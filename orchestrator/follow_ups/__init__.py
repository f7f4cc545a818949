"""What follows a run that has succeeded: queries, messages, runs of other pipelines."""
