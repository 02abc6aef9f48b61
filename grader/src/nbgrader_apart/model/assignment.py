"""What the course itself says about an assignment: its source folder, read once."""

import functools
import hashlib
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from nbgrader_apart.model.settings import APART, Grading
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.model.source_notebook import SourceNotebook, language, read_source

UNREAD = ("__pycache__", ".ipynb_checkpoints")


class Assignment:
    """`sources` are the source notebooks by name, `notebooks` what they say about grading.

    `language` is the first that a notebook names. `given` are the contents of the files beside them, by name:
    `shipped` are the packages among these, `others` the rest. `fingerprint` changes with any of them.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self.sources = {path.stem: read_source(path) for path in sorted(folder.glob("*.ipynb"))}
        named = map(language, self.sources.values())
        self.language = next((one for one in named if one), None)
        self.notebooks = {name: SourceNotebook(notebook) for name, notebook in self.sources.items()}
        self.shipped = Shipped(folder)
        inside = {folder / name for name in self.shipped.files}
        self.given = contents(folder, [path for path in files_of(folder) if path.suffix != ".ipynb"])
        own = {folder / name: name for name in self.given}
        self.others = {
            name: self.given[name] for path, name in own.items() if not inside & {path, *path.parents}
        }

    def read_ahead(self, settings: Grading) -> None:
        """Find what all submissions need to know of tests that run apart, so that forks have it already."""
        for notebook in self.notebooks.values():
            for name, test in notebook.tests.items():
                if settings.way(self.folder.name, notebook.tags[name]) == APART:
                    notebook.unfit(name, test, self.given)


def load(folder: Path | str) -> Assignment:
    """The Assignment whose source folder this is; read again only when a file in it has changed."""
    folder = Path(folder).resolve()
    return _load(folder, fingerprint(folder))


@functools.lru_cache(maxsize=2)
def _load(folder: Path, fingerprint: str) -> Assignment:
    return Assignment(folder, fingerprint)


def version(folder: Path, settings: Grading) -> str:
    """Changes with what decides on marks: the source folder, the settings and the version of this package."""
    settled = json.dumps(settings.trait_values(config=True), sort_keys=True)
    decides = f"{fingerprint(folder)} {settled} {metadata.version('nbgrader-apart')}"
    return hashlib.sha256(decides.encode()).hexdigest()[:12]


def files_of(folder: Path) -> list[Path]:
    """The files in a folder and below, without caches, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not set(UNREAD) & set(path.parts))


def contents(folder: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    """{name within the folder: bytes} of the files."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def fingerprint(folder: Path) -> str:
    """A hash of the names and contents of everything in the folder."""
    digest = hashlib.sha256()
    for path in files_of(folder):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
