"""`python -m proof.demo build DIR` writes the example submissions; `… demo` grades them."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from course.build.editions import ORIGINAL, in_language
from course.build.paths import ROOT
from nbgrader_apart.processes.signals import end_cleanly
from proof.demo.submissions import ExampleError, load, names
from proof.demo.working_copy import Course

DEMO = ROOT / "build" / "demo"
Only = Annotated[list[str] | None, typer.Option(help="Only this example; may be given several times.")]
Language = Annotated[str, typer.Option(help="The edition, such as en.")]

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False)
console = Console(highlight=False)


@app.command()
def build(
    folder: Annotated[Path, typer.Argument(help="Where submitted/<name>/<assignment>/ is written.")],
    only: Only = None,
    language: Language = ORIGINAL.language,
):
    """Write the example submissions onto the committed release."""
    for name in only or names():
        load(name).write(in_language(language).release, folder / "submitted")


@app.command()
def demo(only: Only = None, language: Language = ORIGINAL.language):
    """The whole loop: generate the release, grade the examples, write their feedback, show the marks."""
    examples = [load(name) for name in only or names()]
    course = Course(DEMO, in_language(language))
    console.print("nbgrader generates the release from source/")
    course.create()
    for example in examples:
        example.write(course.release, course.submitted)
    console.print(f"{len(examples)} submissions are graded and get their feedback (a minute or two)")
    outcomes = course.grade({example.name: example.student for example in examples})
    console.print(marks_table(outcomes))
    console.print("[bold]What each of them did[/bold]")
    for example in examples:
        console.print(f"  [cyan]{example.name}[/cyan]: {example.what}")
    pages = f"{relative(course.feedback)}/<submission>/{course.assignment}/<notebook>.html"
    console.print(f"\n[bold]Feedback pages[/bold]: {pages}")
    console.print(f"[bold]What nbgrader said[/bold]: {relative(course.log)}")
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        console.print(f"[red]Not graded[/red] {outcome.student}: {outcome.error}")
    if failed:
        raise typer.Exit(1)


def marks_table(outcomes):
    """Submissions by notebooks, with the points of each; a lost point is red."""
    possible = {
        notebook: sum(most for _, most in cells.values()) for notebook, cells in outcomes[0].marks.items()
    }
    table = Table(title="Marks", caption="s: seminar, t: task; in the header the points that can be had")
    table.add_column("submission", no_wrap=True)
    for notebook, most in possible.items():
        kind, number = notebook.split("-")[:2]
        table.add_column(f"{kind[0]}{number}\n{most:g}", justify="right")
    table.add_column(f"all\n{sum(possible.values()):g}", justify="right", style="bold")
    for outcome in outcomes:
        cells = [
            "–" if outcome.error else coloured(outcome.points(name), most) for name, most in possible.items()
        ]
        table.add_row(outcome.student, *cells, "–" if outcome.error else f"{outcome.total:g}")
    return table


def coloured(points, most):
    """Points as text, red when some are missing."""
    return f"{points:g}" if points == most else f"[red]{points:g}[/red]"


def relative(path):
    """`path` as seen from the folder that the command was started in, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main():
    """Run the command; what is wrong is said in one sentence."""
    end_cleanly(lambda: "interrupted: the next run begins anew")
    try:
        app()
    except (ExampleError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
