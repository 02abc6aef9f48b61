"""`apart report ASSIGNMENT`: writes the report beside the other folders of the course."""

import datetime
import os
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from nbgrader_apart.export.grades_exporter import listed
from nbgrader_apart.export.written_files import ExportError, whole_file
from nbgrader_apart.feedback.lesson import lessons
from nbgrader_apart.messages import language, speaking, text
from nbgrader_apart.messages.written import moment
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError, explained, load
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.late_penalties import settle
from nbgrader_apart.model.marks import Mark
from nbgrader_apart.report import class_summary, csv_tables, report_page
from nbgrader_apart.report.collect import collect
from nbgrader_apart.report.report_settings import ClassReport

FILES = ["learners.csv", "results.csv", "checks.csv", "mistakes.csv"]


def main(assignment: str, to: Path | None = None) -> int:
    """Write the report of the course in the current folder; the exit code. `to` is its folder."""
    try:
        app = load()
        folder = to or Path(app.coursedir.root) / "report" / assignment
        with explained():
            path, problems = write(app.coursedir, ClassReport(parent=app), assignment, folder)
    except (ExportError, CourseError) as error:
        print(text("batch.error", reason=error), file=sys.stderr)
        return 1
    print(text("report.written", path=path))
    for mark, problem in problems:
        print(text("marks.problem", student=mark.student, reason=problem), file=sys.stderr)
    if problems:
        print(text("marks.odd", count=len({mark.student for mark, _ in problems})), file=sys.stderr)
    return 1 if problems else 0


def write(
    coursedir: CourseDirectory, settings: ClassReport, assignment: str, folder: Path
) -> tuple[Path, list[tuple[Mark, str]]]:
    """Write index.html and the CSV files to `folder`; (its path, Group.problems). Raises ExportError.

    They are in the language of the assignment.
    """
    root, folder = Path(coursedir.root), Path(folder).resolve()
    now = datetime.datetime.now().astimezone()
    with _gradebook(coursedir) as gradebook:
        known = marks.assignments(gradebook)
        if assignment not in known:
            raise ExportError(
                text("report.no_assignment", name=shown(assignment), known=listed(known, len(known)))
            )
        settle(gradebook, settings.config, [assignment])
        group = collect(gradebook, coursedir, assignment, set(settings.undone))
    spoken = _language(coursedir, assignment)
    with speaking(spoken):
        about = {"assignment": assignment, "language": language()}
    path = settings.catalogue.format(**about)
    sentences = _sentences(root / path) if path else {}  # what is wrong with it is told to the instructor
    with speaking(spoken):
        rates, mistakes = class_summary.rates(group), class_summary.mistakes(group, sentences)
        html = report_page.render(
            group,
            class_summary.distribution(group),
            rates,
            mistakes,
            time=f"{moment(now)} {now:%Z}",
            mistakes_page=_address(settings.mistakes_page.format(**about), root, folder),
            files=FILES,
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(text("report.no_folder", folder=folder, reason=error.strerror)) from None
    csv_tables.write(folder, group, rates, mistakes)
    with whole_file(folder / "index.html") as temporary:
        temporary.write_text(html, "utf-8")
    return folder / "index.html", group.problems


def _language(coursedir: CourseDirectory, assignment: str) -> str | None:
    """In which the learners of an assignment are spoken to."""
    found = lessons(coursedir, assignment).values()
    return next((lesson.language for lesson in found if lesson.language), None)


def _gradebook(coursedir: CourseDirectory) -> Gradebook:
    """The course's gradebook; it is never created here. Raises ExportError when there is none."""
    place = coursedir.db_url.removeprefix("sqlite:///")
    if place != coursedir.db_url and not Path(place).is_file():
        raise ExportError(text("report.no_gradebook", database=place))
    return Gradebook(coursedir.db_url, coursedir.course_id)


def _sentences(path: Path) -> dict[str, object]:
    try:
        return class_summary.catalogue(path)
    except (OSError, ValueError) as error:
        raise ExportError(text("report.no_catalogue", path=path, reason=error)) from None


def _address(page_of_mistakes: str, root: Path, folder: Path) -> str:
    """A path relative to the course's folder as a path relative to the report; an address stays as it is."""
    if not page_of_mistakes or "://" in page_of_mistakes:
        return page_of_mistakes
    return Path(os.path.relpath(root / page_of_mistakes, folder)).as_posix()
