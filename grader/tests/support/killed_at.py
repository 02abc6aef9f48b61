"""A command that kills itself at some moment: `python -m support.killed_at MOMENT MODULE …`."""

import os
import runpy
import signal
import sys
from pathlib import Path

from sqlalchemy.engine import Connection

from nbgrader_apart.autograde.marking import Marking
from nbgrader_apart.autograde.preprocessors import RunAndJudge, SaveGrades
from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.record import graded_folder
from nbgrader_apart.startup import without_address_parser


def die(*_, **__):
    """As by `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner, name):
    """Die in place of the function."""
    setattr(owner, name, die)


def after(owner, name):
    """Die when the function has returned."""
    function = getattr(owner, name)
    setattr(owner, name, lambda *arguments, **named: die(function(*arguments, **named)))


def at_the_commit(kind):
    """`kind` is `before` or `after`: of the transaction of a submission, once all is in it."""
    save = GradebookWriter._save

    def saved(*arguments):
        save(*arguments)
        kind(Connection, "_commit_impl")

    GradebookWriter._save = saved


def half_a_mark():
    """The disk has got only a part of the last file."""

    def mark(folder, *_):
        (folder / graded_folder.MARK).write_text('{"finger')
        die()

    graded_folder.mark = mark


MOMENTS = {
    "nothing is laid out": lambda: before(GradebookWriter, "_lay_out"),
    "all is laid out": lambda: after(GradebookWriter, "_lay_out"),
    "between the renames": lambda: after(Path, "rename"),
    "the folder is in its place": lambda: before(GradebookWriter, "_save"),
    "before the commit": lambda: at_the_commit(before),
    "after the commit": lambda: at_the_commit(after),
    "before the mark": lambda: before(graded_folder, "mark"),
    "half a mark": half_a_mark,
    "nothing is laid out by nbgrader": lambda: after(Marking, "init_destination"),
    "a notebook has no scores": lambda: before(RunAndJudge, "preprocess"),
    "a notebook has scores": lambda: after(SaveGrades, "preprocess"),
}

if __name__ == "__main__":
    moment, module, *arguments = sys.argv[1:]
    without_address_parser()
    MOMENTS[moment]()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
