"""An embedded Amazon Data Firehose: records from a stream or by puts, buffered, transformed, and delivered to S3."""
