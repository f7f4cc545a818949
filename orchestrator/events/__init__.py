"""From events of objects to runs of pipelines: a queue, the ledger, batches, runs."""
