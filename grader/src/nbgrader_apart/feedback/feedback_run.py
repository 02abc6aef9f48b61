"""nbgrader's loop over the submissions, for `nbgrader generate_feedback` and the formgrader's button.

Several submissions are in work at once, each in a process with a deadline of its own. A failure of one does
not affect the others and is reported at the end.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NoReturn

from nbgrader.api import Gradebook
from nbgrader.apps import GenerateFeedbackApp
from nbgrader.converters import GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nbgrader_apart.feedback import notebook_for_page, page_stamps
from nbgrader_apart.feedback.cell_blocks import Page
from nbgrader_apart.feedback.feedback_page import ENVIRONMENT
from nbgrader_apart.feedback.lesson import lessons
from nbgrader_apart.feedback.submission_pages import SubmissionPages
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError, explained, folders
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.late_penalties import settle
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.processes.failed import sentence
from nbgrader_apart.processes.pool import CallPool
from nbgrader_apart.processes.progress import QuietProgress, progress
from nbgrader_apart.processes.signals import deferred, end_cleanly


def convert_notebooks(converter: GenerateFeedback) -> None:
    """Make the pages of the submissions that nbgrader's GenerateFeedback `converter` has found.

    Raises NbGraderException when the course is not ready, or when some pages could not be made.
    """
    course, name = converter.coursedir, converter.coursedir.assignment_id
    is_command = isinstance(converter.parent, GenerateFeedbackApp)
    if is_command:  # the formgrader's server handles signals itself, and shows no progress
        end_cleanly(partial(text, "pages.interrupted"))
    graded = folders(course, course.autograded_directory, name)
    run = FeedbackRun(converter)
    try:
        asked = {Path(path).stem for paths in converter.assignments.values() for path in paths}
        said = check(course, name, asked, converter.config)
        with explained():
            run.make(graded, said, quiet=not is_command)
    except (CourseError, OSError) as error:  # it would fail for the next submission, too
        fail(converter, [*run.failed(graded), sentence(error)])
    failures = run.failed(graded)
    converter.log.info(text("feedback.made", made=run.made, same=len(graded) - run.made - len(failures)))
    for student, folder in folders(course, course.feedback_directory, name).items():
        if student not in graded:
            failures.append(text("feedback.outdated", student=shown(student), folder=folder))
    if failures:
        fail(converter, [*failures, text("feedback.not_made", count=len(failures))])


class FeedbackRun:
    """Makes pages of several submissions at once; `made` counts those that are new."""

    def __init__(self, converter: GenerateFeedback) -> None:
        self.converter, self.made = converter, 0
        self.failures: dict[str, str] = {}  # {student: sentence}

    def failed(self, students: Iterable[str]) -> list[str]:
        """The sentences about failures, in the order of the students."""
        return [self.failures[student] for student in students if student in self.failures]

    def make(self, graded: dict[str, Path], said: dict[str, str], quiet: bool) -> None:
        """Make the pages of {student: graded folder}; `said` is {student: what the gradebook says}.

        Raises OSError when a process cannot be started.
        """
        wanted = [pages for pages in self._asked(graded, said) if self._are_wanted(pages)]
        start = partial(SubmissionPages.start, seconds=Grading(parent=self.converter).submission_seconds)
        try:
            with progress("pages", len(wanted), quiet) as bar, closing(CallPool(start)) as pool:
                for pages, outcome in pool.run(self._prepared(wanted, bar), bar.tick):
                    bar.advance(failed=not self._finish(pages, outcome))
        finally:
            for pages in wanted:
                pages.clean_up()

    def _asked(self, graded: dict[str, Path], said: dict[str, str]) -> Iterator[SubmissionPages]:
        for student, folder in graded.items():
            notebooks = sorted(self.converter.assignments.get(str(folder), []))
            if notebooks or self.converter.coursedir.notebook_id == "*":  # it has some of those asked for
                yield SubmissionPages(self.converter, student, folder, notebooks, said.get(student, ""))

    def _are_wanted(self, pages: SubmissionPages) -> bool:
        try:
            return pages.are_wanted()
        except Exception as error:
            self._fail(pages, error)
        return False

    def _prepared(self, wanted: list[SubmissionPages], bar: QuietProgress) -> Iterator[SubmissionPages]:
        for pages in wanted:
            try:
                pages.prepare()
            except Exception as error:
                self._fail(pages, error)
                bar.advance(failed=True)
            else:
                yield pages

    def _finish(self, pages: SubmissionPages, outcome: Exception | None) -> bool:
        """Whether the pages are in their place."""
        try:
            if outcome is not None:
                raise outcome
            with deferred():  # a signal waits until all are in their place
                self.made += pages.put()
            pages.conclude()
        except Exception as error:
            self._fail(pages, error)
            return False
        return True

    def _fail(self, pages: SubmissionPages, error: Exception) -> None:
        about = {"student": shown(pages.student), "reason": sentence(error), "left": pages.remove()}
        self.failures[pages.student] = text("feedback.no_pages", **about)


def fail(converter: GenerateFeedback, problems: list[str]) -> NoReturn:
    """Log the problems; nbgrader then exits with 1. Raises NbGraderException."""
    for problem in problems:
        converter.log.error(problem)
    raise NbGraderException(problems[-1])


def check(course: CourseDirectory, name: str, asked: Collection[str], config: Config) -> dict[str, str]:
    """Bring the penalties up to date and read the source notebooks; {student: what the gradebook says}.

    `asked` are the notebooks whose pages are made. Raises CourseError.
    """
    with explained(), Gradebook(course.db_url, course.course_id) as gradebook:
        if name not in marks.assignments(gradebook):
            raise CourseError(text("batch.not_generated", name=name))
        settle(gradebook, config, [name])
        said = page_stamps.rows(gradebook, course, name)
    try:
        for notebook, lesson in lessons(course, name).items():
            if notebook not in asked:
                continue
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
