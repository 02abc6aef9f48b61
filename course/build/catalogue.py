"""Reads the two catalogues and checks that every entry is complete and refers to what exists."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache

from course.build.paths import SHARED, TASKS
from course.build import cell_rules, notebook_text, translation

@dataclass(frozen=True)
class Entry:
    """One submission of the catalogue: the reference solution of a notebook with some cells changed.

    `cells` maps a grade id to the learner's whole cell. A mistake states its `family`, which graded checks
    it `fails` and the keys of the messages that they must show together (`diagnosis`); `why` and `see` are
    for the pages of mistakes. A right alternative states none of these.
    """

    name: str
    says: str
    notebook: str
    cells: dict
    changed: str  # the changed code as a reader sees it
    family: str = ""
    fails: tuple = ()
    diagnosis: tuple = ()
    why: str = ""
    see: str = ""
    extra: tuple = ()  # cells that the learner added before the first one

    @property
    def lost(self):
        """Points that the failing checks cost."""
        return sum(points(self.notebook)[check] for check in self.fails)


@dataclass(frozen=True)
class Typical:
    """What the page of typical mistakes shows of a mistake: code to `run`, or what is `written` instead."""

    entry: Entry
    run: str = ""
    written: str = ""


@cache
def reference(notebook):
    """grade id → source of the learner's cells in the reference solution, in order."""
    found = {}
    for cell in notebook_text.build(notebook).cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            found[cell.id] = "\n".join(line for line in cell.source.splitlines() if "### " not in line)
    return found


@cache
def points(notebook):
    """grade id → points of the graded checks."""
    return {
        cell.id: cell.metadata.nbgrader.points
        for cell in cell_rules.test_cells(notebook_text.build(notebook))
    }


@cache
def families():
    """family of mistakes → its title, in the order of the table."""
    return tomllib.loads((SHARED / "families.toml").read_text(encoding="utf-8"))


def translated(entry, say):
    """A mistake with its sentences as `say` has them."""
    context = f"{entry.notebook}: {entry.name}"
    return replace(entry, **{field: say(context, getattr(entry, field)) for field in translation.SENTENCES})


def mistakes():
    """Every mistake of the catalogue. Raises ValueError for an incomplete entry or a family without one."""
    entries = _read("wrong.toml", _mistake)
    empty = families().keys() - {entry.family for entry in entries}
    if empty:
        raise ValueError(f"families.toml: no mistake is of the family {', '.join(sorted(empty))}")
    return entries


def typical(notebook, entries):
    """The numbers that the examples of a notebook begin from, as code, and its typical mistakes among `entries`.

    Raises ValueError for one that is unknown or has no example.
    """
    raw = tomllib.loads((TASKS / notebook / "wrong.toml").read_text(encoding="utf-8"))
    known = {entry.name: entry for entry in entries if entry.notebook == notebook}
    found = []
    for one in raw.get("typical", ()):
        if one["mistake"] not in known or len(one.keys() & {"run", "written"}) != 1:
            raise ValueError(f"{notebook}/wrong.toml, typical {one['mistake']!r}: name an entry, and run or written")
        found.append(Typical(known[one["mistake"]], one.get("run", ""), one.get("written", "")))
    return raw.get("example", ""), found


def alternatives():
    """Every right alternative of the catalogue. Raises ValueError for an entry that is not complete."""
    return _read("right.toml", _alternative)


def _read(file, make):
    entries = []
    for path in sorted(TASKS.glob(f"*/{file}")):
        for raw in tomllib.loads(path.read_text(encoding="utf-8"))["entry"]:
            try:
                entries.append(make(path.parent.name, raw))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.parent.name}/{file}, entry {raw.get('name')!r}: {error}") from error
    names = [entry.name for entry in entries]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"names stand twice in the files {file}: {', '.join(sorted(twice))}")
    return entries


def _mistake(notebook, raw):
    changed, code = _mutate(notebook, raw)
    also = raw.get("also")  # what the same learner has in another cell
    if raw["family"] not in families():
        raise ValueError(f"family: families.toml has no {raw['family']}")
    unknown = set(raw["fails"]) - points(notebook).keys()
    if unknown or not raw["fails"]:
        raise ValueError(f"fails: {notebook} has no graded check {', '.join(unknown) or '(empty list)'}")
    foreign = set(raw["diagnosis"]) - notebook_text.messages().keys()
    if foreign or not raw["diagnosis"]:
        raise ValueError(f"diagnosis: the message catalogue has no {', '.join(foreign) or '(empty list)'}")
    return Entry(
        name=raw["name"],
        says=raw["says"],
        notebook=notebook,
        cells={raw["cell"]: code} | ({also["cell"]: _mutate(notebook, also)[1]} if also else {}),
        changed=changed,
        family=raw["family"],
        fails=tuple(raw["fails"]),
        diagnosis=tuple(raw["diagnosis"]),
        why=raw["why"],
        see=raw["see"],
    )


def _mutate(notebook, raw):
    """What a reader sees of a change, and its cell with the one place `replace` replaced by `by`."""
    cell, before, after = raw["cell"], raw["replace"], raw["by"]
    code = reference(notebook)[cell]
    if code.count(before) != 1:
        raise ValueError(f"«{before}» stands {code.count(before)} times in cell {cell}, not once")
    return after, code.replace(before, after)


def _alternative(notebook, raw):
    changed = raw["cells"]
    unknown = set(changed) - reference(notebook).keys()
    if unknown:
        raise ValueError(f"cells: {notebook} has no learner's cell {', '.join(unknown)}")
    return Entry(
        name=raw["name"],
        says=raw["says"],
        notebook=notebook,
        cells=changed,
        changed="\n\n".join(changed.values()),
        extra=tuple(raw.get("extra", ())),
    )
