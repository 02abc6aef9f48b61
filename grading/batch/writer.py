"""The one writer to the gradebook: a submission is recorded with all its notebooks, or not at all."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import nbformat
import nbgrader
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from .. import assignment
from ..course import CourseError, explained
from ..messages import text
from ..record.gradebook import NotebookRows, checksums
from .task import version

MARK = ".graded.json"  # written last: a submission that has it is recorded
FOLDER, FILE = 0o755, 0o444  # nbgrader's own permissions of what it has graded


class Writer:
    """Records graded submissions of one assignment. Raises CourseError where the gradebook cannot serve."""

    def __init__(self, course, name):
        self.course = course
        self.name = name
        self.source = assignment.load(course.source(name))
        self.version = version(name)
        with explained():
            self.gradebook = Gradebook(course.directory.db_url, course.directory.course_id)
            self._check_database()
            try:
                notebooks = self.gradebook.find_assignment(name).notebooks
            except MissingEntry:
                raise CourseError(text("batch.not_generated", name=name)) from None
            self.checksums = {notebook.name: checksums(notebook) for notebook in notebooks}
            known = self.gradebook.db.query(SubmittedAssignment.student_id)
            known = known.filter_by(assignment_id=self.gradebook.find_assignment(name).id)
            self.recorded = {student for (student,) in known}
            self.gradebook.db.remove()
        self.close()
        self.late = AssignLatePenalties(config=course.config)
        self.late.init_plugin()

    def _check_database(self):
        found = self.gradebook.db.execute(sql("SELECT version_num FROM alembic_version")).scalar()
        expected = ScriptDirectory(Path(nbgrader.__file__).parent / "alembic").get_current_head()
        if found != expected:
            raise CourseError(text("batch.schema", found=found, expected=expected))
        # Changes nothing, but needs the right to write.
        self.gradebook.db.execute(sql("UPDATE alembic_version SET version_num = version_num"))
        self.gradebook.db.rollback()

    def is_recorded(self, student, fingerprint):
        """Whether this very submission has been graded and recorded."""
        mark = self.course.autograded(self.name, student) / MARK
        if student not in self.recorded or not mark.is_file():
            return False
        try:
            return json.loads(mark.read_text())["fingerprint"] == fingerprint
        except (ValueError, KeyError):
            return False  # half written

    def record(self, task, graded):
        """Record one submission. Raises CourseError."""
        target = self.course.autograded(self.name, task.student)
        with (
            self._laid_out(target, task, graded) as fresh,
            explained(),
            self.gradebook.engine.begin() as connection,
            # every commit of nbgrader's own functions joins this one transaction
            Session(connection, join_transaction_mode="rollback_only") as self.gradebook.db,
        ):
            self._save(task, graded)
            self.gradebook.db.flush()
            replace(fresh, target)
        self.close()  # an open connection must not be inherited by a worker that is forked later
        (target / MARK).write_text(json.dumps({"fingerprint": task.fingerprint()}))
        self.recorded.add(task.student)

    def _save(self, task, graded):
        gradebook = self.gradebook
        gradebook.update_or_create_student(task.student)
        when = {"timestamp": task.time} if task.time else {}
        submission = gradebook.update_or_create_submission(self.name, task.student, **when)
        for submitted in submission.notebooks:
            rows = NotebookRows(gradebook.db, submitted)
            if submitted.name in graded.notebooks:
                rows.save(nbformat.reads(graded.notebooks[submitted.name], as_version=4))
            else:
                rows.zero()
        gradebook.db.flush()
        late = submission.total_seconds_late
        for submitted in submission.notebooks:
            gradebook.db.refresh(submitted)
            score = submitted.score
            plugin, penalty = self.late.plugin_inst, None
            if late > 0:
                penalty = plugin.late_submission_penalty(task.student, score, late)
            submitted.late_submission_penalty = None if penalty is None else min(max(penalty, 0), score)

    @contextmanager
    def _laid_out(self, target, task, graded):
        """A folder beside the target with all that it will hold; gone at the end if it is still there."""
        fresh = target.with_name(f".{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
        try:
            self._lay_out(fresh, task, graded)
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _lay_out(self, fresh, task, graded):
        files = {f"{name}.ipynb": notebook.encode() for name, notebook in graded.notebooks.items()}
        files |= {"timestamp.txt": task.time.encode()} if task.time else {}
        shipped = self.source.shipped.folder
        files |= graded.data | assignment.contents(shipped, assignment.files_of(shipped)) | self.source.others
        for name, data in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(FILE)
        sync(fresh)

    def close(self):
        """Give the database back."""
        self.gradebook.engine.dispose()


def replace(fresh, target):
    """Put a finished folder in the place of an older one."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def sync(folder):
    """Have everything in the folder on the disk before the gradebook speaks of it."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
