"""PySpark's daemon of Python workers, without archives among Python's places.

Spark puts its own jar and zips there, and before each task a worker of PySpark 3.5 reads their lists of files anew:
more work than most tasks of tests do. The checkout and PySpark are installed, and found without them.
"""

import runpy
import sys

sys.path[:] = [place for place in sys.path if not place.endswith((".jar", ".zip"))]
sys.path_importer_cache.clear()
runpy.run_module("pyspark.daemon", run_name="__main__")
