"""A checkout whose Spark is a shell script: what the runner does around Spark, without Spark's seconds."""

import sys
from pathlib import Path

CATALOG = '{"default": "emr-7.14.0", "releases": {"emr-7.14.0": {}, "emr-spark-8.0.0": {}}}'
# The last argument of a step is what its program does.
SPARK_SUBMIT = """#!/bin/bash
echo "args: $*"
case "${!#}" in
  fail) echo 'Exception in thread "main" java.lang.Exception: wanted' >&2; exit 9 ;;
  wait) sleep 600 ;;
  cat) cat conf.json ;;
  deaf) trap '' TERM; echo deaf now; while true; do sleep 0.1; done ;;
esac
"""
JARS = """import sys
from pathlib import Path
if "delta" in sys.argv and Path(__file__).with_name("no-delta").exists():
    sys.exit("scripts/jars: no network")
path = Path(__file__).with_name("jars.properties")
path.write_text("spark.driver.extraClassPath " + ":".join(f"/jars/{group}.jar" for group in sys.argv[1:])
    + "\\nspark.hadoop.fs.s3.impl S3A\\nspark.jars x\\n")
print(path)
"""


def make(root: Path) -> Path:
    """Write it and return its folder."""
    files = {
        "cluster_configs/catalog/releases.json": CATALOG,
        "scripts/jars.py": JARS,
        "spark home/bin/spark-submit": SPARK_SUBMIT,
        ".venv/bin/activate-spark": f"export SPARK_HOME='{root}/spark home'\nexport JAVA_HOME=/java\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "spark home/bin/spark-submit").chmod(0o755)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    return root
