"""A Java that is a shell script: what is done around Hadoop's daemons, without their seconds."""

from pathlib import Path

from local_aws.hadoop.daemons import Java

# Daemons stay, commands end; what is killed says nothing.
SCRIPT = """#!/bin/bash
echo "$*" >> "$0.log"
case "$*" in
  *-format*|*RMAdminCLI*|*DFSAdmin*|*DistCp*) exit "$(cat "$0.code" 2>/dev/null || echo 0)" ;;
  *) sleep 600 ;;
esac
"""


def make(root: Path) -> Java:
    """Write it."""
    program = root / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(SCRIPT)
    program.chmod(0o755)
    return Java(str(root / "java"), "/jars/*", {"PATH": "/usr/bin:/bin"})


def told(java: Java) -> list[str]:
    """Return the commands that were run, without their options."""
    path = Path(java.home) / "bin" / "java.log"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.partition("/jars/* ")[2] for line in lines]
