"""Whether a submission is still the one that was graded."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from nbgrader_apart.model.disk import File


def fingerprint(version: str, time: datetime | str | None, files: Iterable[File]) -> str:
    """Changes when the submission's Files, its time or the `version` of the course changes."""
    digest = hashlib.sha256(f"{version}\0{time}".encode())
    for file in files:
        digest.update(f"\0{file.name}\0{file.problem}\0".encode("utf-8", "surrogateescape"))
        digest.update(file.data or b"")
    return digest.hexdigest()
