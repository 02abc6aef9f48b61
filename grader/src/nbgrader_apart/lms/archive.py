"""Reads a zip archive that anybody may have made: bounded, and no name in it leads anywhere else."""

import io
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from nbgrader_apart.messages import text

ENCRYPTED = 0x1 | 0x40  # flag bits: the usual way and the «strong» one
UTF8 = 0x800  # flag bit: the name is in UTF-8
LONGEST = 200  # bytes of one part of a name, as file systems hold it
DAMAGED = BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError  # what zipfile raises
DRIVE = re.compile(r"[A-Za-z]:")
JUNK = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git", ".DS_Store", "Thumbs.db", "desktop.ini"}


class Rejected(Exception):
    """An archive, or a file in it, that is not taken in; the message says why."""


class _Bounded:
    """A file that gives out at most `limit` bytes at once: zipfile reads a whole directory at once."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self.stream, self.limit = stream, limit
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self.limit:
            raise Rejected(text("lms.too_many"))
        return self.stream.read(size)


@contextmanager
def opened(source: Path | bytes, directory_bytes: int) -> Iterator[ZipFile]:
    """The archive at a path, or in memory, if its directory takes at most so much. Raises Rejected."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        bounded = _Bounded(stream, directory_bytes)
        try:
            archive = ZipFile(cast("IO[bytes]", bounded))
        except DAMAGED as error:
            raise Rejected(text("lms.no_zip")) from error
        bounded.limit = directory_bytes << 32  # its files have a limit of their own
        yield archive


def name_of(info: ZipInfo) -> str:
    """The name within the archive, with «/» between its parts. Raises Rejected when it leads elsewhere."""
    name = info.filename
    if not info.flag_bits & UTF8:
        raw = name.encode("cp437", "replace")  # as which zipfile has read it
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp866")  # what Windows writes in Russian
    name = name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        raise Rejected(text("lms.leads_away"))
    if not name.isprintable() or any(len(part.encode("utf-8", "replace")) > LONGEST for part in parts):
        raise Rejected(text("lms.odd_name"))
    return "/".join(part for part in parts if part not in ("", "."))


def is_junk(name: str) -> bool:
    """Whether a program has put the file there, and not the learner."""
    parts = PurePosixPath(name).parts
    return not JUNK.isdisjoint(parts) or (bool(parts) and parts[-1].startswith("._"))


def read(archive: ZipFile, info: ZipInfo, limit: int) -> bytes:
    """The contents of a file of at most `limit` bytes. Raises Rejected."""
    if info.flag_bits & ENCRYPTED:
        raise Rejected(text("lms.encrypted"))
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise Rejected(text("lms.no_file"))
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others may take any amount of memory
        raise Rejected(text("lms.compression"))
    try:
        with archive.open(info) as stream:
            data = stream.read(limit + 1)
    except DAMAGED as error:
        raise Rejected(text("lms.damaged")) from error
    if len(data) > limit:
        raise Rejected(text("lms.too_big", limit=limit >> 20))
    return data
