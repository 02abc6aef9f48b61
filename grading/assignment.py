"""What the course itself says about an assignment: its source folder, read once."""

import functools
import hashlib
from pathlib import Path

import nbformat

from .notebook import SourceNotebook
from .run.shipped import Shipped

UNREAD = ("__pycache__", ".ipynb_checkpoints")


class Assignment:
    """`sources` are the source notebooks by name, `notebooks` what they say about grading.

    `given` are the contents of the files beside them, by name: `shipped` are the packages among these,
    `others` the rest. `fingerprint` changes with any of them.
    """

    def __init__(self, folder, fingerprint):
        self.folder = folder
        self.fingerprint = fingerprint
        self.sources = {
            path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))
        }
        self.notebooks = {name: SourceNotebook(notebook) for name, notebook in self.sources.items()}
        self.shipped = Shipped(folder)
        inside = {folder / name for name in self.shipped.files}
        self.given = contents(folder, [path for path in files_of(folder) if path.suffix != ".ipynb"])
        own = {folder / name: name for name in self.given}
        self.others = {
            name: self.given[name] for path, name in own.items() if not inside & {path, *path.parents}
        }


def load(folder):
    """The Assignment whose source folder this is; read anew only when a file of it has changed."""
    folder = Path(folder).resolve()
    return _load(folder, fingerprint(folder))


@functools.lru_cache(maxsize=2)
def _load(folder, mark):
    return Assignment(folder, mark)


def files_of(folder):
    """The files in a folder and below, without caches, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not set(UNREAD) & set(path.parts))


def contents(folder, paths):
    """{name within the folder: bytes} of the files."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def fingerprint(folder):
    """A hash of the names and contents of everything in the folder."""
    digest = hashlib.sha256()
    for path in files_of(folder):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
