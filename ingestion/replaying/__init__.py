"""What was put aside on the road, sent once more after a fix: Firehose's failures, and the jobs' quarantine."""
