"""The edge to AWS: clients, retries, rates, and what its answers mean. Nothing else here calls boto3."""
