"""Runs catalogue entries against the notebooks' own test cells, one forked process per entry, no kernel."""

import contextlib
import importlib
import io
import multiprocessing
import os
import sys
import warnings
from dataclasses import dataclass
from functools import cache

from authoring import source, text

from . import catalogue

WORKERS = os.cpu_count() or 2
HEAVY = ("plotly.graph_objects", "sklearn.datasets", "checks")


@dataclass(frozen=True)
class Result:
    """What became of an entry: for every graded check the sentence of its failure and the sentence's key.

    Both are "" when the check passed; the key is "" too when something else than a check failed.
    """

    entry: catalogue.Entry
    messages: dict
    keys: dict

    @property
    def failed(self):
        return {check for check, message in self.messages.items() if message}


def run_all(entries):
    """Results of all entries, in order. Each entry has a process of its own, forked from a warm one."""
    _warm_up()
    context = multiprocessing.get_context("fork")
    with context.Pool(WORKERS, maxtasksperchild=1) as pool:
        return pool.map(run, entries, chunksize=1)


def _warm_up():
    """Do once what every fork needs: import what the notebooks import, build them. It starts no thread."""
    sys.path.insert(0, str(source.SOURCE))
    for module in HEAVY:
        importlib.import_module(module)
    for notebook in text.names():
        _cells(notebook)


@cache
def _cells(notebook):
    """(grade id, source, whether it gives points) of all cells but visible checks and pictures."""
    cells = [cell for cell in text.build(notebook).cells if "nbgrader" in cell.metadata]
    return [(cell.id, cell.source, cell.metadata.nbgrader.grade) for cell in cells]


def run(entry):
    """Execute the notebook with the entry's cells in place; an error ends only its own cell."""
    namespace = {"__name__": "__main__"}
    messages, keys = {}, {}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, extra in enumerate(entry.extra):
            _execute(extra, f"extra-{number}", namespace)
        for grade_id, source_code, graded in _cells(entry.notebook):
            message, key = _execute(entry.cells.get(grade_id, source_code), grade_id, namespace)
            if graded:
                messages[grade_id], keys[grade_id] = message, key
    return Result(entry, messages, keys)


def _execute(code, name, namespace):
    """Run one cell; the message of the error that ended it and the message's key, or two empty strings."""
    try:
        exec(compile(code, f"<{name}>", "exec"), namespace)
    except Exception as error:
        return str(error) or type(error).__name__, getattr(error, "key", "")
    return "", ""
