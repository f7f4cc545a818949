"""From devices into a Kinesis data stream."""
