"""Logs of steps and drivers on S3: where they are, reading them as they arrive, what of them explains a failure."""
