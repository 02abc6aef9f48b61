"""What one person's files in the archive become: a submission as nbgrader's own `collect` leaves it."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from nbgrader_apart.intake.staging import NOTEBOOK_LIKE, OWN, WHOLE
from nbgrader_apart.intake.submitted_files import ENTRIES
from nbgrader_apart.lms import archive
from nbgrader_apart.lms.archive import Rejected
from nbgrader_apart.messages import text
from nbgrader_apart.model.assignment import contents
from nbgrader_apart.model.disk import shown

INNER_DIRECTORY = 1 << 20  # bytes: some ten thousand files
ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
Complain = Callable[[str, str], None]  # a file's name, and why it was not taken in


class Outcome(Enum):
    """What taking in has changed."""

    NEW = "new"
    REPLACED = "replaced"
    SAME = "same"
    OTHER = "other"  # another one is there, and it stays
    NOTHING = "nothing"  # no notebook among the files that could be taken in


@dataclass
class Unpacked:
    """A person's files, within the limits: {name: contents}."""

    limit: int
    complain: Complain
    files: dict[str, bytes] = field(default_factory=dict)
    size: int = 0

    def add(self, outer: ZipFile, entries: list[tuple[str, ZipInfo]]) -> None:
        """Read the `entries`, (name of the file, where it is in the archive); archives are unpacked once."""
        for name, info in entries:
            try:
                data = archive.read(outer, info, min(self.limit, self._left()))
                if not name.lower().endswith(".zip"):
                    self._put(name, data)
                    continue
                folder = "" if len(entries) == 1 else name[: -len(".zip")] + "/"
                self._unpack(name, data, folder)
            except Rejected as problem:
                self.complain(name, str(problem))

    def _left(self) -> int:
        return WHOLE * self.limit - self.size

    def _unpack(self, name: str, data: bytes, folder: str) -> None:
        with archive.opened(data, INNER_DIRECTORY) as inner:
            infos = [info for info in inner.infolist() if not info.is_dir()]
            named = list(self._named(name, infos))
            top = _common_folder([path for path, _ in named])
            for path, info in named:
                try:
                    if path.lower().endswith(".zip"):
                        raise Rejected(text("lms.nested"))
                    found = archive.read(inner, info, min(self.limit, self._left()))
                    self._put(folder + path.removeprefix(top), found)
                except Rejected as problem:
                    self.complain(f"{name}: {path}", str(problem))

    def _named(self, name: str, infos: list[ZipInfo]) -> Iterator[tuple[str, ZipInfo]]:
        if len(infos) > ENTRIES:
            raise Rejected(text("lms.too_many"))
        for info in infos:
            try:
                path = archive.name_of(info)
            except Rejected as problem:
                self.complain(f"{name}: {shown(info.filename)}", str(problem))
            else:
                if not archive.is_junk(path):
                    yield path, info

    def _put(self, name: str, data: bytes) -> None:
        """Keep a file. Raises Rejected where another one is already."""
        if name.lower().endswith(ARCHIVES):
            raise Rejected(text("lms.other_archive"))
        if name in OWN:  # the time of submission is not the learner's to say
            return
        above = {str(folder) for folder in PurePosixPath(name).parents}
        taken = above & self.files.keys() or any(other.startswith(f"{name}/") for other in self.files)
        if taken or self.files.get(name, data) != data:
            raise Rejected(text("lms.same_name"))
        if len(self.files) >= ENTRIES:
            raise Rejected(text("lms.too_many"))
        self.files[name] = data
        self.size += len(data)


def _common_folder(names: list[str]) -> str:
    """The folder that all files of an archive lie in, with «/», or "": most programs pack a folder whole."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""


def put_in_place(files: Mapping[str, bytes], folder: Path, update: bool) -> Outcome:
    """Make `folder` hold these files and no others; one that is there is replaced only to `update` it.

    Files without a notebook among them are no submission: what is there may hold notebooks.
    """
    if not any(name.lower().endswith(NOTEBOOK_LIKE) for name in files):
        return Outcome.NOTHING
    there = folder.exists()
    if there:
        present = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
        if not any(path.is_symlink() for path in present) and contents(folder, present) == files:
            return Outcome.SAME
        if not update:
            return Outcome.OTHER
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for left in (fresh, old):  # of a run that was ended
        shutil.rmtree(left, ignore_errors=True)
    try:
        for name, data in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if there:
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return Outcome.REPLACED if there else Outcome.NEW
