"""`python -m grading grade`: grade all submissions of an assignment, several at once."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..course import Course, CourseError, forbidden
from ..messages import text
from ..packages import missing
from ..run import sandbox
from ..take_in.staging import read, submitted_at
from .pool import DaskPool, LocalPool
from .progress import progress
from .summary import Summary
from .task import Graded, Task
from .writer import Writer

INTERRUPTED = 130


def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be repeated.")] = None,
    workers: Annotated[int, typer.Option(help="How many at once; 0: one more than cores.", min=0)] = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask cluster, such as tcp://host:8786.")] = "",
    force: Annotated[bool, typer.Option(help="Grade unchanged submissions too.")] = False,
    quiet: Annotated[bool, typer.Option(help="Print nothing but failures.")] = False,
):
    """Grade all submissions of an assignment, several at once; unchanged ones are skipped."""
    try:
        course = Course()
        os.chdir(course.directory.root)
        check_packages(Path("requirements.txt"))
        if not course.settings.unsafe_without_sandbox:
            sandbox.check()
        writer = Writer(course, assignment)
        folders = course.submitted(assignment, student or [])
        local = workers, course.settings, writer.source.shipped
        pool = DaskPool(scheduler, assignment) if scheduler else LocalPool(*local)
        try:
            done = run(course, writer, pool, folders, force, quiet)
        finally:
            pool.close()
    except (CourseError, sandbox.SandboxUnavailable, OSError) as error:
        typer.secho(text("batch.error", reason=error), fg="red", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.secho(text("batch.interrupted"), fg="red", err=True)
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(0 if done else 1)


def check_packages(path):
    """Without a package learners' right code would fail. Raises CourseError."""
    absent = missing(path) if path.is_file() else []
    if absent:
        raise CourseError(text("doctor.packages", wrong=", ".join(absent), files=f"-r {path}"))


def run(course, writer, pool, folders, force, quiet):
    """Grade and record what is new; whether all of it was graded."""
    summary = Summary()
    new = []
    for student, folder in folders.items():
        problem = forbidden(folder, course.autograded(writer.name, student))
        if problem:
            summary.add(student, CourseError(problem))
        elif force or not is_recorded(course, writer, folders, student):
            new.append(student)
        else:
            summary.skipped += 1
    tasks = (task_of(course, writer, folders, student) for student in new)
    with progress(len(new), quiet) as shown:
        for task, outcome in pool.run(tasks, shown.tick) if new else ():  # a warm process costs seconds
            if isinstance(outcome, Graded):
                writer.record(task, outcome)
            shown.advance(summary.add(task.student, outcome))
    summary.show(shown.rate(), quiet)
    return not summary.failures


def is_recorded(course, writer, folders, student):
    """Whether the student's submission was graded before as it is."""
    return writer.is_recorded(student, task_of(course, writer, folders, student).fingerprint())


def task_of(course, writer, folders, student):
    """The Task for a student's submission, read from the disk."""
    folder = folders[student]
    time = submitted_at(folder, course.inbound, student, writer.name)
    return Task(
        assignment=writer.name,
        student=student,
        files=read(folder, writer.source, course.settings),
        time=f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else None,
        checksums=writer.checksums,
        version=writer.version,
    )
