"""Generates release/ with nbgrader, says whether it is stale and whether it gives anything away."""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from . import cells, source

ROOT = Path(__file__).resolve().parent.parent
RELEASE = ROOT / "release" / "backprop"


def write():
    """Replace release/backprop by what nbgrader generates from source/backprop."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(Path(folder))
        shutil.rmtree(RELEASE, ignore_errors=True)
        shutil.copytree(fresh, RELEASE)


def _generate(folder):
    """Generate the release into `folder`, without a gradebook; the path of its assignment.

    Raises RuntimeError with nbgrader's own words when it refuses.
    """
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "backprop", "--no-db"]
    result = subprocess.run(
        [*command, f"--CourseDirectory.release_directory={folder}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(f"nbgrader could not generate the release:\n{result.stderr}")
    return folder / "backprop"


def stale():
    """Relative paths in release/backprop that differ from a freshly generated release."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(Path(folder))
        files = {path.relative_to(root) for root in (fresh, RELEASE) for path in _files(root)}
        _, differing, missing = filecmp.cmpfiles(fresh, RELEASE, [str(path) for path in files], shallow=False)
        return sorted(differing + missing)


def _files(root):
    return [path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def leaks():
    """Sentences on what the release gives away: solutions, hidden tests, outputs."""
    found = []
    for path in sorted(RELEASE.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        regions = [
            body for cell in source.read(path.stem).cells for body in cells.SOLUTION.findall(cell.source)
        ]
        lines = {line.strip() for body in regions for line in body.splitlines()}
        found += [
            f"{path.name}: solution line «{line}»"
            for line in sorted(lines)
            if len(line) > 20 and line in code
        ]
        found += [
            f"{path.name}: marker «{mark}»" for mark in ("BEGIN SOLUTION", "HIDDEN TESTS") if mark in code
        ]
        found += [f"{path.name}: output of cell {cell.id}" for cell in notebook.cells if cell.get("outputs")]
    return found
