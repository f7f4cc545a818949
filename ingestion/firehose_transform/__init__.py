"""The Lambda function in the middle of Firehose: records as devices send them to lines that the jobs read."""
