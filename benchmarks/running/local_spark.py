"""Spark on this machine, small and without a face, as benchmarks, long series and tests start it."""

from pathlib import Path
from typing import Final

import pyspark

SPARK_SUBMIT: Final = Path(str(pyspark.__file__)).parent / "bin" / "spark-submit"
LOCAL: Final = {
    "spark.master": "local[2]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Plans that run once, on a few rows, take a quarter less without code that Spark writes and compiles for each.
INTERPRETED: Final = {
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
}
# Drivers that live for seconds take half the CPU time with the JVM's first compiler alone.
FIRST_COMPILER: Final = "-XX:TieredStopAtLevel=1"
