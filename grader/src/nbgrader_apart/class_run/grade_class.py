"""`apart grade`: grade all submissions of an assignment, several at once."""

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.class_run.grading_run import Run
from nbgrader_apart.class_run.pool import DaskPool, LocalPool
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import Course, CourseError, explained
from nbgrader_apart.model.requirements import missing
from nbgrader_apart.own_steps import only_nbgraders
from nbgrader_apart.processes import sandbox
from nbgrader_apart.processes.signals import end_cleanly
from nbgrader_apart.record import graded_folder


def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be repeated.")] = None,
    workers: Annotated[int, typer.Option(help="How many at once; 0: one more than cores.", min=0)] = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask cluster, such as tcp://host:8786.")] = "",
    force: Annotated[bool, typer.Option(help="Grade unchanged submissions too.")] = False,
    quiet: Annotated[bool, typer.Option(help="Print nothing but failures.")] = False,
) -> None:
    """Grade all submissions of an assignment, several at once; unchanged ones are skipped."""
    end_cleanly(partial(text, "batch.interrupted"))
    try:
        with explained():
            course = Course()
            os.chdir(course.directory.root)
            check_packages(Path("requirements.txt"))
            if steps := only_nbgraders(course.config):
                typer.secho(text("use.own_steps", names=", ".join(steps)), fg="yellow", err=True)
            if not course.settings.unsafe_without_sandbox:
                sandbox.check()
            writer = GradebookWriter(course, assignment)
            folders = course.submitted(assignment, student or [])
            graded_folder.clean_up(course.directory, assignment)
            pool = DaskPool(scheduler, assignment) if scheduler else LocalPool(workers, assignment)
            with contextlib.closing(pool), graded_folder.alive(course.directory):
                done = Run(course, writer, folders, force).grade(pool, quiet)
    except (CourseError, sandbox.SandboxUnavailable, OSError) as error:
        typer.secho(text("batch.error", reason=error), fg="red", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if done else 1)


def check_packages(path: Path) -> None:
    """Raises CourseError when a package is missing: learners' correct code would fail without it."""
    absent = missing(path) if path.is_file() else []
    if absent:
        raise CourseError(text("doctor.packages", wrong=", ".join(absent), files=f"-r {path}"))
