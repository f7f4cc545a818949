"""PySpark jobs: S3 to S3, one file per dataset."""

__version__ = "0.1.0"
