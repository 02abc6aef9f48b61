"""What `make test` spends: each of its steps, while others run beside it."""

import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from course.build.paths import ROOT

# A shell for make that notes seconds, CPU seconds of users and of the system, and the line of the recipe.
SHELL = """#!/bin/bash
TIMEFORMAT="%R %U %S"
exec 3>&1 4>&2
took=$( {{ time /bin/sh "$@" 1>&3 2>&4; }} 2>&1 )
code=$?
echo "$took ${{@: -1}}" >> {log}
exit $code
"""
LEAST = 1.0  # CPU seconds of a step that is shown


def measure():
    """{"seconds": of all, "cores": …, "rows": [{"step", "seconds", "cpu"}]}; raises when a test fails."""
    with tempfile.TemporaryDirectory() as folder:
        shell, log = Path(folder, "shell"), Path(folder, "log")
        shell.write_text(SHELL.format(log=shlex.quote(str(log))))
        shell.chmod(0o755)
        started = time.monotonic()
        subprocess.run(["make", "test", f"SHELL={shell}"], cwd=ROOT, check=True)
        seconds = time.monotonic() - started
        rows = [row(line) for line in log.read_text().splitlines() if ".venv/bin/" in line]
    return {"seconds": seconds, "rows": [row for row in rows if row["cpu"] >= LEAST]}


def row(line):
    """The row of a line that the shell has noted."""
    real, user, system, command = line.split(maxsplit=3)
    step, _, _ = command.removeprefix(".venv/bin/").removeprefix("python -m ").partition(" -n ")
    return {
        "step": step,
        "seconds": float(real),
        "cpu": float(user) + float(system),
    }
