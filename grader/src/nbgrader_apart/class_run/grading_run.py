"""One run over a class: new submissions are graded and recorded; one failing does not affect others."""

import errno
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError

from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.class_run.run_summary import RunSummary
from nbgrader_apart.class_run.task import Graded, Task
from nbgrader_apart.intake.staging import read, submitted_at
from nbgrader_apart.model.course import Course, CourseError, DiskFull, GradebookError, forbidden
from nbgrader_apart.processes.pool import Pool
from nbgrader_apart.processes.progress import QuietProgress, progress


class Run:
    """Grades the submissions of `folders`, {student: submitted folder}; `force`: the recorded ones too."""

    def __init__(
        self, course: Course, writer: GradebookWriter, folders: dict[str, Path], force: bool
    ) -> None:
        self.course, self.writer, self.folders, self.force = course, writer, folders, force
        self.summary = RunSummary()

    def grade(self, pool: Pool, quiet: bool) -> bool:
        """Whether all of it was graded. Raises GradebookError and DiskFull that concern all submissions."""
        self.summary.settled(self.writer.settle())
        new: list[str] = []
        for student in filter(self._is_new, self.folders):
            if not new:
                pool.expect_tasks()
            new.append(student)
        with progress("batch", len(new), quiet) as shown:
            for task, outcome in pool.run(self._tasks(new, shown), shown.tick):
                shown.advance(self._record(task, outcome))
        self.summary.show(self.writer.marks(), shown.rate(), quiet)
        return not self.summary.failures

    def _is_new(self, student: str) -> bool:
        """Whether the submission can be read, and has not been graded as it is."""
        try:
            if problem := forbidden(student, self.folders[student], self._autograded(student)):
                raise CourseError(problem)
            if self.force or not self._is_recorded(self.task(student)):
                return True
            self.summary.skipped += 1
        except Exception as error:
            self._fail(student, error)
        return False

    def _tasks(self, students: list[str], shown: QuietProgress) -> Iterator[Task]:
        """The Tasks of the students whose submissions can still be read."""
        for student in students:
            try:
                task = self.task(student)
            except Exception as error:
                self._fail(student, error)
                shown.advance(failed=True)
            else:
                yield task

    def _record(self, task: Task, outcome: Graded | Exception) -> bool:
        """Record the Graded; True when grading has failed, or the recording does."""
        try:
            if not isinstance(outcome, Graded):
                raise outcome
            change = self.writer.record(task, outcome)
        except Exception as error:
            self._fail(task.student, error, task)
            return True
        self.summary.add(outcome, change, set(self.writer.released) - set(outcome.verdicts))
        return False

    def _fail(self, student: str, error: Exception, task: Task | None = None) -> None:
        """The submission is not graded: leave no score of an earlier version of it."""
        if concerns_all(error):
            raise error
        self.summary.fail(student, error)
        if task is None or not self._is_recorded(task):
            self.writer.forget(student)

    def _is_recorded(self, task: Task) -> bool:
        return self.writer.is_recorded(task.student, task.fingerprint())

    def _autograded(self, student: str) -> Path:
        return self.course.autograded(self.writer.name, student)

    def task(self, student: str) -> Task:
        """The Task for a student's submission, read from the disk."""
        folder, name = self.folders[student], self.writer.name
        time = submitted_at(folder, self.course.inbound, student, name)
        return Task(
            assignment=name,
            student=student,
            files=read(folder, self.writer.source, self.course.settings),
            time=f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else None,
            released=self.writer.released,
            version=self.writer.version,
        )


def concerns_all(error: Exception) -> bool:
    """Whether the next submission would fail too: the gradebook is unavailable, or the disk is full."""
    if isinstance(error, GradebookError):
        return not isinstance(error.__cause__, (DataError, IntegrityError))
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno == errno.EROFS)
