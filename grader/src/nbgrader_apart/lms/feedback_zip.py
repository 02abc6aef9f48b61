"""`apart feedback-zip`: the feedback pages as Moodle takes them, in the folders of its own zip.

Moodle (mod/assign/feedback/file/importziplib.php) finds the person by the number in the folder's name.
"""

from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from nbgrader_apart.export.written_files import replacing, whole_file
from nbgrader_apart.intake.staging import read
from nbgrader_apart.lms import record
from nbgrader_apart.messages import text
from nbgrader_apart.model.assignment import Assignment, load
from nbgrader_apart.model.course import Course, CourseError
from nbgrader_apart.record import graded_folder
from nbgrader_apart.record.last_grading import HandIn


@dataclass
class Packed:
    """What has come of it."""

    target: Path
    people: int = 0
    pages: int = 0
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What to tell the instructor."""
        numbers = {"people": self.people, "pages": self.pages, "path": self.target}
        return [text("lms.packed", **numbers), *self.problems]


def pack(assignment: str, to: Path | None) -> Packed:
    """Write the zip; who has no pages, or older ones than marks or work, is left out and told.

    Raises CourseError, ExportError; then an older file is called *.old, lest it be taken for this one.
    """
    course = Course()
    target = to or Path(course.directory.root) / "downloaded" / assignment / "feedback.zip"
    with replacing(target):
        return _pack(course, assignment, target)


def _pack(course: Course, assignment: str, target: Path) -> Packed:
    folders = record.read(course, assignment)
    if not folders:
        raise CourseError(text("lms.no_record", name=assignment))
    done = Packed(target)
    pages: dict[str, list[Path]] = {}
    source = load(course.source(assignment))
    for student, folder in sorted(folders.items()):
        found = _pages(course, assignment, student)
        if found and _is_ungraded(course, assignment, student, source):
            done.problems.append(text("lms.newer_work", student=student))
        elif found:
            pages[folder] = found
        else:
            done.problems.append(text("lms.no_pages", student=student))
    if not pages:
        raise CourseError(text("lms.nobody_has_pages", name=assignment))
    with whole_file(target) as temporary, ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
        for folder, found in pages.items():
            for page in found:
                archive.write(page, f"{folder}/{page.name}")
    done.people, done.pages = len(pages), sum(map(len, pages.values()))
    return done


def _pages(course: Course, assignment: str, student: str) -> list[Path]:
    """A student's pages, if there is one for each graded notebook and none is older than its marks."""
    directory = course.directory
    folder = Path(directory.format_path(directory.feedback_directory, student, assignment))
    graded = sorted(course.autograded(assignment, student).glob("*.ipynb"))
    pages = [folder / f"{notebook.stem}.html" for notebook in graded]
    whole = all(
        page.is_file() and page.stat().st_mtime >= notebook.stat().st_mtime
        for page, notebook in zip(pages, graded, strict=True)
    )
    return pages if whole else []


def _is_ungraded(course: Course, assignment: str, student: str, source: Assignment) -> bool:
    """Whether the student's work is another than the one that was graded, as far as can be told."""
    last = graded_folder.graded(course.autograded(assignment, student))
    folder = course.directory.format_path(course.directory.submitted_directory, student, assignment)
    if last is None or not Path(folder).is_dir():
        return False
    return HandIn.of(None, read(Path(folder), source, course.settings)).content != last.content
