"""What has arrived for a pipeline, what of it is in which batch, and what became of it (docs/decisions/0010)."""
