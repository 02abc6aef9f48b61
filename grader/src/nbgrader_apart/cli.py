"""`apart`: the instructor's commands beside nbgrader's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nbgrader_apart.class_run.grade_class import grade
from nbgrader_apart.messages import text

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
app.command()(grade)


@app.callback()
def commands() -> None:
    """Run in the course's folder, where nbgrader_config.py is."""


@app.command()
def report(
    assignment: Annotated[str, typer.Argument(help="The assignment, as in the gradebook.")],
    to: Annotated[
        Path | None, typer.Option(help="Folder of the report.  [default: report/ASSIGNMENT]")
    ] = None,
) -> None:
    """Write a page about the class, and its data as CSV."""
    from nbgrader_apart.report.write_report import main  # nbgrader and plotly take seconds to import

    raise typer.Exit(main(assignment, to))


@app.command("collect-zip")
def collect_zip(
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    archive: Annotated[Path, typer.Argument(help="The zip of all submissions from Moodle or Canvas.")],
    update: Annotated[bool, typer.Option(help="Replace submissions that are there and differ.")] = False,
    roster: Annotated[
        Path | None, typer.Option(help="CSV file that says who is who.  [default: c.LmsExporter.roster]")
    ] = None,
    worksheet: Annotated[
        Path | None, typer.Option(help="Moodle's grading worksheet: tells namesakes apart.")
    ] = None,
) -> None:
    """Take in a zip of all submissions; who cannot be matched is listed."""
    from nbgrader_apart.lms.collect_zip import collect  # nbgrader takes seconds to import

    with said_in_one_sentence():
        done = collect(assignment, archive, update, roster, worksheet)
    tell(done.lines(), whole=done.is_whole())


@app.command("feedback-zip")
def feedback_zip(
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    to: Annotated[
        Path | None, typer.Option(help="The file.  [default: downloaded/ASSIGNMENT/feedback.zip]")
    ] = None,
) -> None:
    """Write the feedback pages as a zip for Moodle's «upload multiple feedback files»."""
    from nbgrader_apart.lms.feedback_zip import pack

    with said_in_one_sentence():
        done = pack(assignment, to)
    tell(done.lines(), whole=not done.problems)


@contextmanager
def said_in_one_sentence() -> Iterator[None]:
    """Say what stops a command, and exit with 1."""
    from nbgrader_apart.export.written_files import ExportError
    from nbgrader_apart.model.course import CourseError

    try:
        yield
    except (CourseError, ExportError) as error:
        typer.secho(text("batch.error", reason=error), fg="red", err=True)
        raise typer.Exit(1) from None


def tell(lines: list[str], whole: bool) -> None:
    """Print what a command has done; exit with 1 unless it has done the whole of it."""
    for line in lines:
        typer.echo(line)
    raise typer.Exit(0 if whole else 1)


@app.command()
def extend(
    assignment: Annotated[str, typer.Argument(help="The assignment, as in the gradebook.")],
    student: Annotated[str, typer.Argument(help="The student's id.")],
    days: Annotated[int, typer.Option(help="Days after the due date of the class; 0 takes it back.", min=0)],
    hours: Annotated[int, typer.Option(help="Hours more than the days.", min=0)] = 0,
) -> None:
    """Give one student more time."""
    from nbgrader_apart.deadlines import extension  # nbgrader takes seconds to import
    from nbgrader_apart.model.course import CourseError

    try:
        print(extension.extend(assignment, student, days, hours))
    except CourseError as error:
        typer.secho(text("batch.error", reason=error), fg="red", err=True)
        raise typer.Exit(1) from None


@app.command()
def doctor(
    assignment: Annotated[
        str | None, typer.Argument(help="Grade its reference and its release both ways instead.")
    ] = None,
) -> None:
    """Report what is missing or misconfigured in the course's setup, and how to fix it."""
    from nbgrader_apart.doctor import both_ways, checks  # nbgrader and its database take seconds to import

    raise typer.Exit(0 if (both_ways.main(assignment) if assignment else checks.main()) else 1)
