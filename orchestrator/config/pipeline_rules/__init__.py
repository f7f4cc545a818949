"""What a pipeline file may say: its keys, the order of its jobs, their places on S3, and their texts."""
