"""Writes the executed notebooks of source/ and says which of them are stale."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from . import text

SOURCE = Path(__file__).resolve().parent.parent / "source" / "backprop"


def write():
    """Build and execute every notebook, two at a time, and store it with its outputs.

    Raises nbclient's CellExecutionError, and stores nothing more, when a cell of a reference solution fails.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, notebook in zip(text.names(), pool.map(_execute, text.names()), strict=True):
            nbformat.write(notebook, SOURCE / f"{name}.ipynb")


def _execute(name):
    notebook = text.build(name)
    NotebookClient(
        notebook,
        timeout=60,
        force_raise_errors=True,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(SOURCE)}},
    ).execute()
    notebook.metadata = nbformat.from_dict(text.KERNEL)  # the kernel adds its own version
    return notebook


def read(name):
    """The stored notebook `name` of source/, as the current notebook format."""
    return nbformat.read(SOURCE / f"{name}.ipynb", as_version=4)


def stale():
    """Names of notebooks in source/ that differ from authoring/ in more than outputs, extra or missing."""
    stored = {path.stem for path in SOURCE.glob("*.ipynb")}
    differing = {
        name for name in stored & set(text.names()) if _inputs(read(name)) != _inputs(text.build(name))
    }
    return sorted(differing | stored ^ set(text.names()))


def _inputs(notebook):
    """Everything of a notebook but outputs and execution counts."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
