"""The folder of a graded submission: replaced as a whole, and marked once it is recorded.

A folder without a mark was left by a run that was killed, and is graded again.
"""

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbgrader_apart import locks
from nbgrader_apart.model.disk import read_bytes
from nbgrader_apart.record import last_grading
from nbgrader_apart.record.last_grading import LastGrading

MARK = ".graded.json"  # written last
LARGEST = 10_000  # bytes of it


def mark(folder: Path, fingerprint: str, grading: LastGrading) -> None:
    """Mark the folder: the submission with this fingerprint is recorded, and its folder complete."""
    about = {"fingerprint": fingerprint, "grading": last_grading.to_json(grading)}
    (folder / MARK).write_text(json.dumps(about))


def marked(folder: Path) -> str | None:
    """The fingerprint of the submission that was recorded; None without one."""
    found = _mark(folder).get("fingerprint")
    return found if isinstance(found, str) else None


def graded(folder: Path) -> LastGrading | None:
    """The LastGrading of the folder; None without a mark."""
    found = _mark(folder).get("grading")
    return last_grading.from_json(found) if isinstance(found, dict) else None


def _mark(folder: Path) -> dict[str, object]:
    try:
        found = json.loads(read_bytes(folder / MARK, LARGEST))
    except (OSError, ValueError):  # absent, or half written
        return {}
    return found if isinstance(found, dict) else {}


def unmark(folder: Path) -> None:
    """Remove the mark: from now on the folder may be incomplete."""
    (folder / MARK).unlink(missing_ok=True)


def beside(target: Path, kind: str) -> Path:
    """Where the "new" folder is built that will replace the target, and where the "old" one is kept."""
    return target.with_name(f".{target.name}.{kind}")


@contextlib.contextmanager
def replacing(fresh: Path, target: Path) -> Iterator[None]:
    """Replace the target by the finished folder; if the body fails, bring the old one back."""
    old = beside(target, "old")
    unmark(target)  # if it is brought back, the gradebook may be newer
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
        yield
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        restore(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def restore(target: Path) -> None:
    """Finish or undo the replacement that a killed run has begun: the target is complete, or absent."""
    shutil.rmtree(beside(target, "new"), ignore_errors=True)
    old = beside(target, "old")
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def clean_up(course: CourseDirectory, name: str, wanted: Iterable[Path] = ()) -> None:
    """Clean up after dead runs on the assignment `name`, unless another run is alive.

    `course` is nbgrader's CourseDirectory. Of the `wanted` folders those without a mark are removed.
    """
    with contextlib.suppress(BlockingIOError), alive(course, locks.ALONE | locks.AT_ONCE) as alone:
        if not alone:
            return
        for target in _begun(course, name):
            restore(target)
        for target in wanted:
            if marked(target) is None:
                shutil.rmtree(target, ignore_errors=True)


def alive(course: CourseDirectory, kind: int = locks.TOGETHER) -> AbstractContextManager[bool]:
    """A context in which other runs in the course see that this one is alive."""
    return locks.locked(course.root, kind)


def _begun(course: CourseDirectory, name: str) -> Iterator[Path]:
    pattern = Path(course.format_path(course.autograded_directory, "*", name)).relative_to(course.root)
    for kind in ("new", "old"):
        for path in list(Path(course.root).glob(str(beside(pattern, kind)))):
            yield path.with_name(path.name[1:].removesuffix(f".{kind}"))
