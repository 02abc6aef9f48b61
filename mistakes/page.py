"""The learners' page «Типичные ошибки», made from the catalogue of mistakes."""

import json
import re
from pathlib import Path

import jinja2

from authoring import source, text

from . import catalogue

PATH = source.SOURCE / text.MISTAKES_PAGE
TEMPLATE = Path(__file__).with_name("page.md.j2")


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
    template = jinja2.Template(
        TEMPLATE.read_text(encoding="utf-8"), trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    return template.render(notebooks=notebooks)


def _title(notebook):
    return re.search(r"^# (.+)$", text.render(notebook), re.MULTILINE).group(1)


def _row(entry):
    return {"says": entry.says, "message": _sentence(entry.diagnosis[0]), "why": entry.why, "see": entry.see}


def _sentence(key):
    """The catalogue's sentence with an ellipsis where a learner's own names and numbers stand."""
    sentence = json.loads(catalogue.MESSAGES.read_text(encoding="utf-8"))[key]
    return re.sub(r"\{\w+\}", "…", sentence.removesuffix("{place}"))
