"""The lower bound of grading: what the cells of the submissions cost when everything else is free."""

import importlib
import io
import multiprocessing
import os
import sys
import time
from contextlib import redirect_stderr, redirect_stdout

import nbformat

from course.build.editions import ORIGINAL

PRELOAD = ["torch", "sklearn.datasets", "plotly.express", "nbformat"]


def own_seconds(submissions):
    """CPU seconds of all cells but the graded tests, of the submissions in a folder.

    Each notebook runs in a fork of a process that has imported everything, in IPython, without a kernel.
    """
    sys.path.insert(0, str(ORIGINAL.source))
    for module in [*PRELOAD, "IPython.core.interactiveshell", "checks", "checks.pictures"]:
        importlib.import_module(module)
    paths = sorted(submissions.glob(f"*/{ORIGINAL.assignment}/*.ipynb"))
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return sum(pool.map(_seconds, paths, chunksize=1))


def _seconds(path):
    from IPython.core.interactiveshell import InteractiveShell

    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    shell = InteractiveShell.instance()
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    own = [cell.source for cell in code if not cell.metadata.get("nbgrader", {}).get("grade")]
    nowhere = io.StringIO()
    started = time.process_time()
    with redirect_stdout(nowhere), redirect_stderr(nowhere):
        for source in own:
            shell.run_cell(source)
    return time.process_time() - started
