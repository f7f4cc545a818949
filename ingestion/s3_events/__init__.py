"""What S3 tells of its objects: messages of notifications, EventBridge and SNS, read into events and refusals."""
