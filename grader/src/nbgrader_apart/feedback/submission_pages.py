"""The pages of one submission: all are made, in a bounded call, and then moved to their place, or none."""

import filecmp
import logging
import os
import shutil
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from nbgrader_apart.feedback import page_stamps
from nbgrader_apart.messages import text
from nbgrader_apart.model.autograded_notebook import Unreadable
from nbgrader_apart.model.disk import shown
from nbgrader_apart.processes.bounded import Call
from nbgrader_apart.record import graded_folder


@dataclass
class SubmissionPages:
    """What nbgrader's `converter` makes of a student's graded `notebooks` (their paths) in `folder`.

    `said` is what the gradebook says about the submission.
    """

    converter: GenerateFeedback
    student: str
    folder: Path
    notebooks: list[str]
    said: str
    stamp: str = field(default="", init=False)

    def __post_init__(self) -> None:
        course = self.converter.coursedir
        self.name, self.is_whole = course.assignment_id, course.notebook_id == "*"
        self.target = Path(self.converter._format_dest(self.name, self.student))
        self.fresh = self.target.with_name(f".{self.target.name}.new")

    def are_wanted(self) -> bool:
        """Whether they are to be made: they are asked for, or do not say what the gradebook says now."""
        if self.notebooks:
            self.stamp = page_stamps.stamp(self.folder, self.said)
        return self.converter.force or not self._are_current()

    def _are_current(self) -> bool:
        stamps, wanted = page_stamps.read(self.target), [Path(notebook).stem for notebook in self.notebooks]
        return bool(wanted) and all(
            stamps.get(notebook) == self.stamp and (self.target / f"{notebook}.html").is_file()
            for notebook in wanted
        )

    def prepare(self) -> None:
        """What comes before the call. Raises Unreadable."""
        if not self.student.isprintable():
            raise Unreadable(text("course.bad_name", name=shown(self.student)))
        if not self.notebooks:
            raise Unreadable(text("autograded.empty"))
        self.converter.notebooks = self.notebooks  # for the course's own hook
        self.converter.run_pre_convert_hook()
        self.clean_up()  # after a run that was killed

    def start(self, seconds: float) -> Call:
        """The bounded Call that makes the pages, in a folder beside their place."""
        return Call(self._write, seconds=seconds)

    def _write(self) -> None:
        """Run nbgrader's steps with another target folder; in a fork, which may be killed."""
        converter = self.converter
        for handler in converter.log.handlers:
            if handler.level == logging.INFO:  # a line for every step would drown the progress
                handler.setLevel(logging.WARNING)
        converter.notebooks = self.notebooks
        converter._format_dest = lambda *_, **__: str(self.fresh)
        try:
            self.fresh.mkdir(parents=True)
            converter.init_assignment(self.name, self.student)
            for notebook in self.notebooks:
                converter.convert_single_notebook(notebook)
            converter.set_permissions(self.name, self.student)
        except Exception:
            converter.log.debug(traceback.format_exc())
            raise

    def put(self) -> bool:
        """Move what the call has made to its place; False when the pages are as they were, and stay."""
        (self.fresh / graded_folder.MARK).unlink(missing_ok=True)  # nbgrader copies it with the other files
        stamps = {} if self.is_whole else page_stamps.read(self.target)
        stamps |= {Path(notebook).stem: self.stamp for notebook in self.notebooks}
        same = not self.converter.force and self._are_same()
        if same:
            page_stamps.write(self.target, stamps)
        else:
            page_stamps.write(self.fresh, stamps)
            if self.is_whole and self.target.exists():
                shutil.rmtree(self.target)
            self._move()
        self.clean_up()
        return not same

    def _are_same(self) -> bool:
        """Whether the target has these very files; if they are the whole feedback, no other page."""
        files = {path.relative_to(self.fresh) for path in self.fresh.rglob("*") if path.is_file()}
        pages = {path.relative_to(self.target) for path in self.target.glob("*.html")}
        return not (self.is_whole and pages - files) and all(
            (self.target / name).is_file()
            and filecmp.cmp(self.fresh / name, self.target / name, shallow=False)
            for name in files
        )

    def _move(self) -> None:
        """Move the pages beside those of notebooks that were not asked for."""
        if not self.target.exists():
            self.fresh.rename(self.target)
            return
        for path in [path for path in self.fresh.rglob("*") if not path.is_dir()]:
            place = self.target / path.relative_to(self.fresh)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)

    def conclude(self) -> None:
        """What comes after the pages are in their place."""
        self.converter.notebooks = self.notebooks
        self.converter.run_post_convert_hook()

    def clean_up(self) -> None:
        """Remove what is not in its place."""
        shutil.rmtree(self.fresh, ignore_errors=True)

    def remove(self) -> str:
        """Remove older pages, which would be taken for new ones; a sentence about those that stay, or ""."""
        self.clean_up()
        old = [self.target]
        if not self.is_whole:
            old = [self.target / f"{Path(notebook).stem}.html" for notebook in self.notebooks]
        for path in old:
            with suppress(OSError):  # what stays is named below
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        left = [path for path in old if os.path.lexists(path)]
        return text("feedback.left", folder=left[0]) if left else ""
