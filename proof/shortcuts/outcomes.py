"""What comes of each way: refused by the checks, shown to a person, or paid."""

import tomllib
from functools import cache
from pathlib import Path

from course.build import catalogue, notebook_text
from nbgrader_apart.record import manual_review
from nbgrader_apart.record.allow_list import AllowList
from proof.catalogue.run import _cells
from proof.catalogue.sandboxed import settings

HERE = Path(__file__).parent


def ways():
    """[(entry of the catalogue, the checks whose points it is after)]"""
    return [(_entry(raw), set(raw["claims"])) for raw in _read("shortcuts.toml")]


def honest():
    """Right solutions that use what some way round uses too."""
    return [_entry(raw) for raw in _read("honest.toml")]


def _read(name):
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))["entry"]


def _entry(raw):
    return catalogue._alternative(raw["notebook"], raw)


@cache
def allowed():
    """The course's allow-list, as nbgrader_config.py has it."""
    return AllowList.of(settings().allowed)


@cache
def _given(notebook):
    """The sources of the course's own code cells."""
    solutions = catalogue.reference(notebook)
    cells = notebook_text.build(notebook).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.id not in solutions]


def asked(notebook, cells, extra=()):
    """(flagged tests, comments) of a submission whose `cells` by grade id replace the reference's."""
    tests = {name: source for name, source, graded in _cells(notebook) if graded}
    named = [("own", source) for source in extra] + list((catalogue.reference(notebook) | cells).items())
    return manual_review.questions(named, tests, allowed(), _given(notebook))


def outcome(claims, failed, flagged):
    """ "refused" when every claimed check fails, "flagged" when a person looks at the others, else "paid"."""
    if claims <= failed:
        return "refused"
    return "flagged" if claims - failed <= flagged else "paid"
