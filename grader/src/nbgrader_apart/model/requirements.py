"""The packages that a requirements file names, and which of them are not installed as it says."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from nbgrader_apart.messages import text


def missing(path: Path) -> list[str]:
    """[sentence] for each package of the file `path` that is not installed."""
    return [problem for problem, installed in _problems(path) if not installed]


def wrong(path: Path) -> list[str]:
    """[sentence] for each package of the file `path` that is not installed, or in another version."""
    return [problem for problem, _ in _problems(path)]


def _problems(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        if not re.match(r"\w", line):
            continue  # a comment, or another file's name
        wanted = Requirement(line)
        try:
            installed = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield text("doctor.not_installed", name=wanted.name), ""
            continue
        if not wanted.specifier.contains(installed, prereleases=True):
            yield f"{wanted.name} {installed} ({wanted.specifier})", installed
