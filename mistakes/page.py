"""What is made from the catalogue of mistakes: the learners' page and the table «mistake × check»."""

import json
import re
from collections import Counter
from pathlib import Path

import jinja2

from authoring import source, text

from . import catalogue

PATH = source.SOURCE / text.MISTAKES_PAGE
TABLE = Path(__file__).resolve().parent.parent / "docs" / "mistakes.md"


def write():
    """Write both."""
    PATH.write_text(render(), encoding="utf-8")
    TABLE.write_text(render_table(), encoding="utf-8")


def render():
    """The page as Markdown: mistake → what you see → why → how to see it yourself.

    Of the mistakes that one notebook answers with one sentence it shows the first.
    """
    entries = catalogue.mistakes()
    notebooks = []
    for name in text.names():
        typical = {}
        for entry in entries:
            if entry.notebook == name:
                typical.setdefault(entry.diagnosis[0], _row(entry))
        notebooks.append({"title": _title(name), "entries": list(typical.values())})
    return _template("page.md.j2").render(notebooks=notebooks)


def render_table():
    """How many mistakes of each family each notebook has, and for every mistake the checks that it fails
    and the points that are left, as Markdown.
    """
    entries = catalogue.mistakes()
    counts = Counter((entry.family, entry.notebook) for entry in entries)
    notebooks = [
        {
            "title": _title(name),
            "points": catalogue.points(name),
            "entries": [entry for entry in entries if entry.notebook == name],
        }
        for name in text.names()
    ]
    families = [
        {"key": key, "title": title, "counts": [counts[key, name] for name in text.names()]}
        for key, title in catalogue.families().items()
    ]
    return _template("table.md.j2").render(notebooks=notebooks, families=families)


def _template(name):
    path = Path(__file__).with_name(name)
    return jinja2.Template(
        path.read_text(encoding="utf-8"), trim_blocks=True, undefined=jinja2.StrictUndefined
    )


def _title(notebook):
    return re.search(r"^# (.+)$", text.render(notebook), re.MULTILINE).group(1)


def _row(entry):
    return {"says": entry.says, "message": _sentence(entry.diagnosis[0]), "why": entry.why, "see": entry.see}


def _sentence(key):
    """The catalogue's sentence with an ellipsis where a learner's own names and numbers stand."""
    sentence = json.loads(text.MESSAGES.read_text(encoding="utf-8"))[key]
    return re.sub(r"\{\w+\}", "…", sentence.removesuffix("{place}"))
