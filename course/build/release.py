"""Generates an edition's release with nbgrader and says whether it is stale."""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course.build import source_notebooks
from course.build.editions import Edition
from course.build.paths import ROOT


def write(edition: Edition) -> None:
    """Replace the release by what nbgrader generates from the source."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(edition, Path(folder))
        shutil.rmtree(edition.release, ignore_errors=True)
        shutil.copytree(fresh, edition.release)


def _generate(edition: Edition, folder: Path) -> Path:
    """Generate the release into `folder`, without a gradebook; the path of its assignment.

    Raises RuntimeError with nbgrader's own words when it refuses.
    """
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", edition.assignment, "--no-db"]
    result = subprocess.run(
        [*command, f"--CourseDirectory.release_directory={folder}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(f"nbgrader could not generate the release:\n{result.stderr}")
    return folder / edition.assignment


def stale(edition: Edition) -> list[str]:
    """Relative paths in the release that differ from a freshly generated one."""
    with tempfile.TemporaryDirectory() as folder:
        fresh, old = _generate(edition, Path(folder)), edition.release
        files = {str(path.relative_to(root)) for root in (fresh, old) for path in source_notebooks.files(root)}
        _, differing, missing = filecmp.cmpfiles(fresh, old, files, shallow=False)
        return sorted(differing + missing)
