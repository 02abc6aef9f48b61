"""What is made from the catalogue of mistakes: the learners' page and the table «mistake × check»."""

import re
from collections import Counter
from pathlib import Path

import jinja2

from course.build import catalogue, examples, notebook_text, tasks, templates, translation
from course.build.paths import ROOT

TABLE = ROOT / "docs" / "mistakes.md"


def write_table() -> None:
    """Write the table «mistake × check»; the learners' page is a part of source/."""
    TABLE.write_text(render_table(), encoding="utf-8")


def table_is_stale() -> bool:
    """Whether the stored table is not what the catalogue says."""
    return TABLE.read_text(encoding="utf-8") != render_table()


def render(language):
    """The learners' page as Markdown: the typical mistakes of each notebook, each with its example."""
    say, entries = translation.into(language), catalogue.mistakes()
    notebooks = []
    for name in tasks.names():
        setup, typical = catalogue.typical(name, entries)
        rows = [_row(one, setup, language) for one in typical]
        title = tasks.front_as(name, say).title
        notebooks.append({"name": name, "title": title, "setup": setup.strip(), "entries": rows})
    return templates.shared("typical-mistakes.md", say).render(notebooks=notebooks)


def render_table():
    """How many mistakes of each family each notebook has, and for every mistake the checks that it fails
    and the points that are left, as Markdown, in English as the rest of docs/.
    """
    say = translation.into("en")
    entries = [catalogue.translated(entry, say) for entry in catalogue.mistakes()]
    counts = Counter((entry.family, entry.notebook) for entry in entries)
    notebooks = [
        {
            "title": tasks.front_as(name, say).title,
            "points": catalogue.points(name),
            "entries": [entry for entry in entries if entry.notebook == name],
        }
        for name in tasks.names()
    ]
    families = [
        {"key": key, "title": say(f"family {key}", title), "counts": [counts[key, name] for name in tasks.names()]}
        for key, title in catalogue.families().items()
    ]
    template = Path(__file__).with_name("mistakes_table.md.j2").read_text(encoding="utf-8")
    return jinja2.Template(template, trim_blocks=True, undefined=jinja2.StrictUndefined).render(
        notebooks=notebooks, families=families
    )


def _row(one, setup, language):
    say = translation.into(language)
    entry = catalogue.translated(one.entry, say)
    sentences = notebook_text.messages(language)
    wrong, right = examples.compared(one.entry, setup, one.run, sentences) if one.run else ("", "")
    return {
        "says": entry.says.removesuffix("."), "run": one.run,
        "written": say(f"{entry.notebook}: {entry.name}", one.written),
        "wrong": wrong, "right": right, "message": _sentence(sentences[entry.diagnosis[0]]),
        "why": entry.why, "see": entry.see,
    }  # fmt: skip


def _sentence(sentence):
    """A sentence of the messages with an ellipsis where a learner's own names and numbers stand."""
    return re.sub(r"\{\w+\}", "…", sentence.removesuffix("{place}"))
