"""nbgrader's loop over the submissions, for `nbgrader generate_feedback` and the formgrader's button.

Each submission has a process and a deadline of its own. A failure of one does not affect the others and is
reported at the end; its pages are moved to their place when all of them are made.
"""

import filecmp
import os
import shutil
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nbgrader_apart.feedback import notebook_for_page, page_stamps
from nbgrader_apart.feedback.cell_blocks import Page
from nbgrader_apart.feedback.feedback_page import ENVIRONMENT
from nbgrader_apart.feedback.lesson import lessons
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model import marks
from nbgrader_apart.model.autograded_notebook import Unreadable
from nbgrader_apart.model.course import CourseError, explained
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.late_penalties import settle
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.processes import bounded
from nbgrader_apart.processes.failed import sentence
from nbgrader_apart.record import graded_folder


def convert_notebooks(converter: GenerateFeedback) -> None:
    """Make the pages of the submissions that nbgrader's GenerateFeedback `converter` has found.

    Raises NbGraderException when the course is not ready, or when some pages could not be made.
    """
    course, name = converter.coursedir, converter.coursedir.assignment_id
    seconds = Grading(parent=converter).submission_seconds
    try:
        said = check(course, name, converter.config)
    except CourseError as error:
        fail(converter, [str(error)])
    failures, made = [], 0
    graded = folders(course, course.autograded_directory, name)
    for student, folder in graded.items():
        notebooks = sorted(converter.assignments.get(str(folder), []))
        if not notebooks and course.notebook_id != "*":
            continue  # it has none of those that were asked for
        try:
            stamp = "" if not notebooks else page_stamps.stamp(folder, said.get(student, ""))
            if converter.force or not is_current(converter, name, student, notebooks, stamp):
                made += make_pages(converter, name, student, notebooks, stamp, seconds)
        except Exception as error:
            left = remove_pages(converter, name, student, notebooks)
            about = {"student": shown(student), "reason": sentence(error), "left": left}
            failures.append(text("feedback.no_pages", **about))
    converter.log.info(text("feedback.made", made=made, same=len(graded) - made - len(failures)))
    for student, folder in folders(course, course.feedback_directory, name).items():
        if student not in graded:
            failures.append(text("feedback.outdated", student=shown(student), folder=folder))
    if failures:
        fail(converter, [*failures, text("feedback.not_made", count=len(failures))])


def fail(converter: GenerateFeedback, problems: list[str]) -> NoReturn:
    """Log the problems; nbgrader then exits with 1. Raises NbGraderException."""
    for problem in problems:
        converter.log.error(problem)
    raise NbGraderException(problems[-1])


def check(course: CourseDirectory, name: str, config: Config) -> dict[str, str]:
    """Bring the penalties up to date and read the source notebooks; {student: what the gradebook says}.

    Raises CourseError.
    """
    with explained(), Gradebook(course.db_url, course.course_id) as gradebook:
        if name not in marks.assignments(gradebook):
            raise CourseError(text("batch.not_generated", name=name))
        settle(gradebook, config, [name])
        said = page_stamps.rows(gradebook, course, name)
    try:
        for notebook, lesson in lessons(course, name).items():
            with speaking(lesson.language):
                warm_up(Path(course.format_path(course.source_directory, ".", name)) / f"{notebook}.ipynb")
    except Exception as error:  # nbformat's own of several kinds, OSError
        raise CourseError(text("feedback.bad_source", name=name, reason=sentence(error))) from error
    return said


def warm_up(path: Path) -> None:
    """Fill the caches with what all pages of a notebook have in common, before processes are forked.

    That is the notebook as read, the compiled templates and the figures of a correct answer.
    """
    Page(notebook_for_page.read(path), set(), set()).cells()
    ENVIRONMENT.get_template("feedback.html.j2")


def folders(course: CourseDirectory, step: str, name: str) -> dict[str, Path]:
    """{student: folder} of a step of nbgrader's, such as "autograded", for the students asked for."""
    pattern = Path(course.format_path(step, course.student_id, name))
    place = Path(course.format_path(step, "\0", name)).parts.index("\0")
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    excluded = course.student_id_exclude.split(",")
    named = {folder.parts[place]: folder for folder in sorted(found) if folder.is_dir()}
    return {student: folder for student, folder in named.items() if student not in excluded}


def is_current(
    converter: GenerateFeedback, name: str, student: str, notebooks: list[str], stamp: str
) -> bool:
    """Whether the pages of these graded notebooks are there and say what the gradebook says now."""
    target = Path(converter._format_dest(name, student))
    stamps, wanted = page_stamps.read(target), [Path(notebook).stem for notebook in notebooks]
    return bool(wanted) and all(
        stamps.get(notebook) == stamp and (target / f"{notebook}.html").is_file() for notebook in wanted
    )


def make_pages(
    converter: GenerateFeedback, name: str, student: str, notebooks: list[str], stamp: str, seconds: float
) -> bool:
    """Make the pages of one submission, all or none; False when they are as they were, and stay."""
    target, converter.notebooks = Path(converter._format_dest(name, student)), notebooks
    if not student.isprintable():
        raise Unreadable(text("course.bad_name", name=shown(student)))
    if not notebooks:
        raise Unreadable(text("autograded.empty"))
    converter.run_pre_convert_hook()
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
    whole = converter.coursedir.notebook_id == "*"
    stamps = {} if whole else page_stamps.read(target)
    try:
        bounded.call(write_pages, converter, fresh, name, student, notebooks, seconds=seconds)
        (fresh / graded_folder.MARK).unlink(missing_ok=True)  # nbgrader copies it with the other files
        stamps |= {Path(notebook).stem: stamp for notebook in notebooks}
        same = not converter.force and are_same(fresh, target, whole)
        if same:
            page_stamps.write(target, stamps)
        else:
            page_stamps.write(fresh, stamps)
            if whole and target.exists():
                shutil.rmtree(target)
            move_pages(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    converter.run_post_convert_hook()
    return not same


def are_same(fresh: Path, target: Path, whole: bool) -> bool:
    """Whether the target has these very files; if they are the whole feedback, no other page."""
    files = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    pages = {path.relative_to(target) for path in target.glob("*.html")}
    return not (whole and pages - files) and all(
        (target / name).is_file() and filecmp.cmp(fresh / name, target / name, shallow=False)
        for name in files
    )


def write_pages(
    converter: GenerateFeedback, folder: Path, name: str, student: str, notebooks: list[str]
) -> None:
    """Run nbgrader's steps for a submission, with another target folder; in a fork, which may be killed."""
    converter._format_dest = lambda *_, **__: str(folder)
    try:
        folder.mkdir(parents=True)
        converter.init_assignment(name, student)
        for notebook in notebooks:
            converter.convert_single_notebook(notebook)
        converter.set_permissions(name, student)
    except Exception:
        converter.log.debug(traceback.format_exc())
        raise


def move_pages(fresh: Path, target: Path) -> None:
    """Move the finished pages to their place, beside those of notebooks that were not asked for."""
    if not target.exists():
        fresh.rename(target)
        return
    for path in [path for path in fresh.rglob("*") if not path.is_dir()]:
        place = target / path.relative_to(fresh)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def remove_pages(converter: GenerateFeedback, name: str, student: str, notebooks: Iterable[str]) -> str:
    """Remove older pages, which would be mistaken for new ones; a sentence about those that stay, or ""."""
    target = Path(converter._format_dest(name, student))
    old = [target]
    if converter.coursedir.notebook_id != "*":
        old = [target / f"{Path(notebook).stem}.html" for notebook in notebooks]
    for path in old:
        with suppress(OSError):  # what stays is named below
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    left = [path for path in old if os.path.lexists(path)]
    return text("feedback.left", folder=left[0]) if left else ""
