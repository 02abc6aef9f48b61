"""Executes a single-file notebook in an empty folder, with the Python of another environment if need be.

`python -m proof.single_file.alone [PYTHON]` does so with every notebook, solved, and tells what failed.
PYTHON needs torch, plotly, scikit-learn and ipykernel alone.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from course.build import tasks
from course.build.editions import ORIGINAL
from proof.demo.submissions import solutions

SECONDS = 120


def solved(name):
    """The single file of a notebook with the reference solutions in the learner's cells."""
    notebook = nbformat.read(ORIGINAL.single_file / f"{name}.ipynb", as_version=4)
    found = solutions(name)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("solution"):
            cell.source = found[about["grade_id"]]
    return notebook


def execute(notebook, folder, python=sys.executable, **variables):
    """The notebook with its outputs; nothing of this environment but `variables` reaches its kernel."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        km=OtherKernel(kernel_name="python3", command=[str(python), "-m", "ipykernel_launcher"]),
        resources={"metadata": {"path": str(folder)}},
    )
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with tempfile.TemporaryDirectory() as home:
        return client.execute(cleanup_kc=True, env={**kept, "HOME": home, **variables})


class OtherKernel(AsyncKernelManager):
    """A kernel that is started by a command of one's own."""

    def __init__(self, command, **options):
        super().__init__(**options)
        self.command = command

    def format_kernel_cmd(self, extra_arguments=None):
        return [*self.command, "-f", self.connection_file, *(extra_arguments or [])]


def errors(notebook):
    """[(number of the cell, name and text of its error)]"""
    return [
        (number, f"{output.ename}: {output.evalue}")
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def main():
    """Every notebook, solved; exits with 1 when something fails."""
    failed = False
    for name in tasks.names():
        with tempfile.TemporaryDirectory() as folder:
            found = errors(execute(solved(name), Path(folder), *sys.argv[1:2]))
            left = sorted(path.name for path in Path(folder).iterdir())
        print(f"{name}: {found or 'no error'}{', left: ' + ', '.join(left) if left else ''}")
        failed |= bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
