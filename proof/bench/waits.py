"""What a learner waits for, measured on the reference submission: in fresh kernels, notebook by notebook."""

import re
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import nbformat
from jupyter_client.manager import run_kernel
from nbgrader.validator import Validator

from course.build.editions import ORIGINAL
from proof.demo.submissions import load

ROUNDS = 3  # the least counts: load only adds
IMPORT, CHECK, PICTURE, VALIDATE = "`import checks`", "a check", "the first picture", "Validate"
TARGETS = {IMPORT: 0.1, CHECK: 0.1, PICTURE: 0.4, VALIDATE: 5.0}  # seconds


def measure():
    """{"rows": for each of TARGETS a dict: what is waited for, where the longest, seconds, target}"""
    found = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="waits-") as folder:
        for path in reference(Path(folder)):
            for _ in range(ROUNDS):
                for moment, seconds in [*cell_by_cell(path), ((VALIDATE, path.stem), validated(path))]:
                    found[moment].append(seconds)
    worst = {}
    for (what, where), seconds in found.items():
        worst[what] = max(worst.get(what, (0.0, "")), (min(seconds), where))
    rows = [
        {"what": what, "where": worst[what][1], "seconds": worst[what][0], "target": target}
        for what, target in TARGETS.items()
    ]
    for row in rows:
        print(f"{row['what']}: {row['seconds']:.2f} s of {row['target']:g} s, in {row['where']}", flush=True)
    return {"rows": rows}


def reference(folder):
    """The notebooks that the reference submission hands in, with the checks beside them."""
    load("reference").write(ORIGINAL.release, folder)
    work = folder / "reference" / ORIGINAL.assignment
    shutil.copytree(ORIGINAL.release / "checks", work / "checks")
    return sorted(work.glob("*.ipynb"))


def cell_by_cell(path):
    """((what, where), seconds) of what is waited for in a notebook, torch being imported before its cells."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    with run_kernel(cwd=str(path.parent), stderr=subprocess.DEVNULL) as kernel:
        run(kernel, "import torch")
        yield (IMPORT, path.stem), run(kernel, "import checks")
        drawn = False
        for cell in cells:
            seconds = run(kernel, cell.source)
            if picture := re.search(r"checks\.pictures\.\w+(?=\()", cell.source):
                if not drawn:
                    yield (PICTURE, f"{path.stem}, `{picture[0]}`"), seconds
                drawn = True
            elif check := re.search(r"checks\.\w+\.\w+(?=\()", cell.source):
                yield (CHECK, f"{path.stem}, `{check[0]}`"), seconds


def run(kernel, source):
    """Seconds until the kernel is idle again. Raises RuntimeError when the cell fails."""
    started = time.monotonic()
    reply = kernel.execute_interactive(source, output_hook=lambda message: None)
    seconds = time.monotonic() - started
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content']['evalue']} in the cell\n{source}")
    return seconds


def validated(path):
    """Seconds from the button to the result. Raises RuntimeError when a check fails."""
    started = time.monotonic()
    found = Validator().validate(str(path))
    seconds = time.monotonic() - started
    if found:
        raise RuntimeError(f"Validate of {path.name} finds {found}")
    return seconds
