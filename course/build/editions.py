"""The editions of the course: for each language an assignment with the same cells, points, data and checks."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from course.build.paths import ROOT, SETTINGS


@dataclass(frozen=True)
class Edition:
    """One language, and where its assignment lies."""

    language: str
    assignment: str
    root: Path = ROOT

    @property
    def source(self) -> Path:
        """The executed notebooks with solutions."""
        return self.root / "source" / self.assignment

    @property
    def release(self) -> Path:
        """What learners get."""
        return self.root / "release" / self.assignment

    @property
    def single_file(self) -> Path:
        """The same notebooks, each with the checks inside."""
        return self.root / "release" / "single-file" / self.assignment


EDITIONS = tuple(
    Edition(language, assignment)
    for language, assignment in tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["editions"].items()
)
ORIGINAL, *TRANSLATIONS = EDITIONS


def in_language(language: str) -> Edition:
    """The edition in a language. Raises ValueError when there is none."""
    found = [edition for edition in EDITIONS if edition.language == language]
    if not found:
        known = ", ".join(edition.language for edition in EDITIONS)
        raise ValueError(f"the course has no edition {language!r}; it has {known}")
    return found[0]
