"""python -m course build [NOTEBOOK …] | check | translate | new NAME."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from course.build import (
    cell_rules,
    leaks,
    mistakes_page,
    new_task,
    readme_table,
    release,
    single_file,
    source_notebooks,
    translation,
)
from course.build.editions import EDITIONS, TRANSLATIONS
from course.build.paths import ROOT

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Generate the notebooks of the course, prove that they are fresh, or begin a new one.",
)


@app.command()
def build(notebooks: Annotated[list[str] | None, typer.Argument(help="Execute only these.")] = None) -> None:
    """Write source/ (executed) and release/ of each edition and the tables that are made from course/."""
    _stop_at(cell_rules.problems())
    for edition in EDITIONS:
        for name in source_notebooks.write(edition, notebooks or ()):
            typer.echo(f"executed {edition.assignment}/{name}")
        release.write(edition)
        single_file.write(edition)
    readme_table.write()
    mistakes_page.write_table()
    _stop_at(_leaks())


@app.command()
def check() -> None:
    """Fail when something generated is stale, leaks, or when a test cell breaks a rule."""
    _stop_at(cell_rules.problems())
    for edition in TRANSLATIONS:
        _stop_at(translation.problems(edition.language))
    for edition in EDITIONS:
        for part, folder in (
            (source_notebooks, "source"),
            (release, "release"),
            (single_file, "single-file"),
        ):
            stale = part.stale(edition)
            _stop_at(f"{folder}/{edition.assignment}/{path} is stale: run make build" for path in stale)
    _stop_at(_leaks())
    _stop_at([f"the table of notebooks in {name} is stale: run make build" for name in readme_table.stale()])
    _stop_at(["docs/mistakes.md is stale: run make build"] if mistakes_page.table_is_stale() else [])
    typer.echo(
        "The notebooks are fresh and translated, the releases give nothing away, test cells keep the rules."
    )


@app.command()
def translate() -> None:
    """Bring course/locale/ up to the texts and say what is left to translate."""
    for edition in TRANSLATIONS:
        typer.echo(translation.update(edition.language))


@app.command()
def new(name: Annotated[str, typer.Argument(help="Such as task-7-sigmoid.")]) -> None:
    """Write the files of a new task: one that works, to be rewritten."""
    for path in new_task.write(name):
        typer.echo(path.relative_to(ROOT))
    typer.echo(f"Its test cell is worth 0 points: take some from another. Now: make build N={name}")


def _leaks() -> list[str]:
    releases = [folder for edition in EDITIONS for folder in (edition.release, edition.single_file)]
    return leaks.problems(releases, [edition.source for edition in EDITIONS], leaks.permissions())


def _stop_at(problems: Iterable[str]) -> None:
    found = list(problems)
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; what is wrong with course/ is said in one sentence."""
    try:
        app()
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
