"""`python -m grading report ASSIGNMENT`: writes the report beside the other folders of the course."""

import datetime
import os
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from .. import marks
from ..course import CourseError, explained, load
from ..export.files import ExportError, whole_file
from . import page, summary, tables
from .collect import collect
from .settings import ClassReport

FILES = ["learners.csv", "results.csv", "checks.csv", "mistakes.csv"]


def main(assignment, to=None):
    """Write the report of the course in the current folder; the exit code. `to` is a folder or None."""
    try:
        app = load()
        folder = to or Path(app.coursedir.root) / "report" / assignment
        with explained():
            path = write(app.coursedir, ClassReport(parent=app), assignment, folder, app.log)
    except (ExportError, CourseError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    print(f"{path}: open it in a browser")
    return 0


def write(coursedir, settings, assignment, folder, log):
    """Write index.html and the CSV files to `folder`; the page's path. Raises ExportError."""
    root, folder = Path(coursedir.root), Path(folder).resolve()
    sentences = _sentences(root / settings.catalogue) if settings.catalogue else {}
    with _gradebook(coursedir) as gradebook:
        known = marks.assignments(gradebook)
        if assignment not in known:
            raise ExportError(
                f"The gradebook has no assignment {assignment!r}; it has {', '.join(known) or 'none'}."
            )
        group = collect(gradebook, coursedir, assignment, set(settings.undone), log)
    rates, mistakes = summary.rates(group), summary.mistakes(group, sentences)
    html = page.render(
        group,
        summary.distribution(group),
        rates,
        mistakes,
        time=f"{datetime.datetime.now().astimezone():%d.%m.%Y %H:%M %Z}",
        mistakes_page=_address(settings.mistakes_page, root, folder),
        files=FILES,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder} cannot be made: {error.strerror}.") from None
    tables.write(folder, group, rates, mistakes)
    with whole_file(folder / "index.html") as temporary:
        temporary.write_text(html, "utf-8")
    return folder / "index.html"


def _gradebook(coursedir):
    """The course's gradebook, which is never made here. Raises ExportError when there is none."""
    place = coursedir.db_url.removeprefix("sqlite:///")
    if place != coursedir.db_url and not Path(place).is_file():
        raise ExportError(f"There is no gradebook {place}: run this in the course's folder, after grading.")
    return Gradebook(coursedir.db_url, coursedir.course_id)


def _sentences(path):
    try:
        return summary.catalogue(path)
    except (OSError, ValueError) as error:
        raise ExportError(f"c.ClassReport.catalogue, {path}, cannot be read: {error}.") from None


def _address(page_of_mistakes, root, folder):
    """A path relative to the course's folder, as seen from the report; an address stays as it is."""
    if not page_of_mistakes or "://" in page_of_mistakes:
        return page_of_mistakes
    return Path(os.path.relpath(root / page_of_mistakes, folder)).as_posix()
