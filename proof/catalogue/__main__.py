"""python -m proof.catalogue [NOTEBOOK …]: prove the checks on the catalogues of mistakes and alternatives.

With --language, in a translation: a mistake for each message, which has to be said there.
"""

import time
from typing import Annotated

import typer

from course.build import catalogue, readme_table
from course.build.editions import ORIGINAL, in_language
from proof.catalogue import totals
from proof.catalogue.run import run_all


def main(
    notebooks: Annotated[list[str] | None, typer.Argument(help="Only the entries of these.")] = None,
    write: Annotated[bool, typer.Option(help="Write the totals into the READMEs.")] = False,
    language: Annotated[str, typer.Option(help="The edition, such as en.")] = ORIGINAL.language,
) -> None:
    """Run both catalogues against the notebooks' own test cells; fail if anything is off."""
    start, edition = time.monotonic(), in_language(language)
    whole = edition == ORIGINAL
    entries = catalogue.mistakes() + catalogue.alternatives() if whole else one_for_each_message()
    entries = [entry for entry in entries if not notebooks or entry.notebook in notebooks]
    found = totals.compare(run_all(entries, edition=edition), whole=whole)
    if write and not notebooks and not found.problems:
        readme_table.write_totals(found.sentence())
    elif whole and not notebooks:
        found.problems += readme_table.stale_totals(found.sentence())
    for problem in found.problems:
        typer.echo(problem, err=True)
    typer.echo(f"{found.sentence()} ({time.monotonic() - start:.0f} s)")
    if found.problems:
        raise typer.Exit(1)


def one_for_each_message() -> list[catalogue.Entry]:
    """The first mistakes that between them show every message of the catalogue."""
    chosen, shown = [], set()
    for entry in catalogue.mistakes():
        if not shown.issuperset(entry.diagnosis):
            chosen.append(entry)
            shown |= set(entry.diagnosis)
    return chosen


if __name__ == "__main__":
    typer.run(main)
