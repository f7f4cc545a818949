"""PySpark jobs: S3 to S3, one file per dataset."""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036 - an EMR cluster's own Python is older
    found = ".".join(str(part) for part in sys.version_info[:3])
    print(
        f"jobs: expected Python 3.11, this is {found}; on EMR add --conf spark.pyspark.python=python3.11 "
        "--conf spark.pyspark.driver.python=python3.11",
        file=sys.stderr,
    )
    sys.exit(2)
