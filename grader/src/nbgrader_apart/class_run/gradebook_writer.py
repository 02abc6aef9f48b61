"""The one writer to the gradebook: a submission is recorded with all its notebooks, or not at all."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, Student, SubmittedAssignment
from sqlalchemy.orm import Session

from nbgrader_apart import locks
from nbgrader_apart.class_run.task import Graded, Task, version
from nbgrader_apart.messages import text
from nbgrader_apart.model import assignment, marks
from nbgrader_apart.model.course import Course, CourseError, explained
from nbgrader_apart.model.late_penalties import LatePenalties
from nbgrader_apart.model.marks import Mark
from nbgrader_apart.record import graded_folder
from nbgrader_apart.record.gradebook_rows import NotebookRows, check, forget, released
from nbgrader_apart.record.last_grading import following

FILE = 0o444  # nbgrader's own permissions of what it has graded


@dataclass(frozen=True)
class Change:
    """A learner's Mark now and just before; `joined`: who was not in the list of students until now."""

    before: Mark
    mark: Mark
    joined: bool = False


class GradebookWriter:
    """Records graded submissions of one assignment. Raises CourseError when the gradebook is unusable."""

    def __init__(self, course: Course, name: str) -> None:
        self.course = course
        self.name = name
        self.source = assignment.load(course.source(name))
        self.version = version(name)
        with explained():
            self.gradebook = Gradebook(course.directory.db_url, course.directory.course_id)
            check(self.gradebook)
            try:
                notebooks = self.gradebook.find_assignment(name).notebooks
            except MissingEntry:
                raise CourseError(text("batch.not_generated", name=name)) from None
            self.released = {notebook.name: released(notebook) for notebook in notebooks}
            known = self.gradebook.db.query(SubmittedAssignment.student_id)
            known = known.filter_by(assignment_id=self.gradebook.find_assignment(name).id)
            self.recorded = {student for (student,) in known}
            self.listed = {student for (student,) in self.gradebook.db.query(Student.id)}  # before this run
            self.gradebook.db.remove()
        self.close()
        self.penalties = LatePenalties(course.config)

    def is_recorded(self, student: str, fingerprint: str) -> bool:
        """Whether this very submission has been graded and recorded."""
        folder = self.course.autograded(self.name, student)
        return student in self.recorded and graded_folder.marked(folder) == fingerprint

    def settle(self) -> list[Change]:
        """Bring the penalties of what is recorded up to date; the Changes. Raises CourseError."""
        with self._transaction():
            before = self._marks()
            changed = self.penalties.settle(self.gradebook, self.name)
            after = self._marks() if changed else {}
        return [Change(before[student], after[student]) for student in changed]

    def marks(self) -> dict[str, Mark]:
        """{student: Mark} of the class as the gradebook has it now. Raises GradebookError."""
        with self._transaction():
            return self._marks()

    def _marks(self) -> dict[str, Mark]:
        found = marks.read(self.gradebook, self.course.directory, self.name)
        return {mark.student: mark for mark in found}

    def record(self, task: Task, result: Graded) -> Change:
        """Record the Graded `result` of the Task. Raises CourseError, OSError."""
        target = self.course.autograded(self.name, task.student)
        fresh = graded_folder.beside(target, "new")
        target.parent.mkdir(parents=True, exist_ok=True)
        with explained(target.parent), locks.locked(target.parent, locks.ALONE):  # another run waits
            graded_folder.restore(target)
            earlier = graded_folder.graded(target)
            try:
                self._lay_out(fresh, task, result)
                with graded_folder.replacing(fresh, target), self._transaction():
                    change = self._save(task, result)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
            grading = following(earlier, task.hand_in(), change.before, change.mark)
            graded_folder.mark(target, task.fingerprint(), grading)
        self.recorded.add(task.student)
        return change

    def forget(self, student: str) -> None:
        """Remove an earlier grading: it was of another submission. Raises GradebookError."""
        if student not in self.recorded:
            return
        graded_folder.unmark(self.course.autograded(self.name, student))
        with self._transaction():
            forget(self.gradebook.db, self.gradebook.find_submission(self.name, student))
            self.gradebook.db.flush()
        # a folder that cannot be removed may stay: the rights to it are what the student's failure is about
        shutil.rmtree(self.course.autograded(self.name, student), ignore_errors=True)
        self.recorded.discard(student)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """The gradebook's session, for one transaction. Raises GradebookError."""
        with (
            explained(),
            self.gradebook.engine.begin() as connection,
            # every commit of nbgrader's own functions joins this one transaction
            Session(connection, join_transaction_mode="rollback_only") as self.gradebook.db,
        ):
            yield
        self.close()  # an open connection must not be inherited by a worker that is forked later

    def _save(self, task: Task, result: Graded) -> Change:
        gradebook = self.gradebook
        gradebook.update_or_create_student(task.student)
        joined = bool(self.listed) and task.student not in self.listed  # a course may do without a list
        before = marks.read_one(gradebook, self.name, task.student)
        when = {"timestamp": task.time} if task.time else {}
        submission = gradebook.update_or_create_submission(self.name, task.student, **when)
        for submitted in submission.notebooks:
            rows = NotebookRows(gradebook.db, submitted)
            if submitted.name in result.verdicts:
                rows.save(result.verdicts[submitted.name])
            else:
                rows.zero()
        gradebook.db.flush()
        self.penalties.settle(gradebook, self.name, task.student)
        return Change(before, marks.read_one(gradebook, self.name, task.student), joined)

    def _lay_out(self, fresh: Path, task: Task, result: Graded) -> None:
        files = {f"{name}.ipynb": notebook.encode() for name, notebook in result.notebooks.items()}
        files |= {"timestamp.txt": task.time.encode()} if task.time else {}
        shipped = self.source.shipped.folder
        given = assignment.contents(shipped, assignment.files_of(shipped)) | self.source.others
        for name, data in (files | result.data | given).items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(FILE)
        learners = {fresh / name for name in files.keys() | result.data.keys()}
        sync(learners | {path.parent for path in learners} | {fresh})

    def close(self) -> None:
        """Close the connections to the database."""
        self.gradebook.engine.dispose()


def sync(paths: Iterable[Path]) -> None:
    """Flush files and folders to the disk before the gradebook refers to them."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
