"""The page: the summary, then the notebook, rendered with the templates."""

from collections.abc import Collection
from functools import partial
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import jinja2
from markupsafe import Markup
from nbformat import NotebookNode

from nbgrader_apart.feedback.cell_blocks import Page
from nbgrader_apart.feedback.lesson import Lesson
from nbgrader_apart.feedback.markdown import to_html
from nbgrader_apart.feedback.notebook_marks import Marks
from nbgrader_apart.feedback.page_summary import CODE_INDENT, summarise
from nbgrader_apart.messages import duration, language, text
from nbgrader_apart.messages.written import moment
from nbgrader_apart.messages.written import number as points

HERE = Path(__file__).parent
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def sentence(message: str) -> Markup:
    """A check's message as HTML: paragraphs, and its indented lines as code."""
    parts = []
    for code, lines in groupby(message.split("\n"), key=lambda line: line.startswith(CODE_INDENT)):
        block = dedent("\n".join(lines))
        parts.append(Markup("<pre>{}</pre>" if code else "<p>{}</p>").format(block))
    return Markup("").join(parts)


ENVIRONMENT.filters |= {"points": points, "moment": moment, "sentence": sentence, "duration": duration}
ENVIRONMENT.globals |= {"text": text, "language": language}


def render(
    nb: NotebookNode, marks: Marks, lessons: dict[str, Lesson], name: str, beside: Collection[str]
) -> str:
    """The page of the notebook `name`; `beside` are the files that it may link to."""
    own = lessons[name]
    notebooks = [
        (other, lessons[other].title if other in lessons else other, total)
        for other, total in marks.notebooks.items()
    ]
    unfinished = [row for row in notebooks if row[0] != name and row[2].raw - row[2].extra < row[2].possible]
    summary = summarise(nb, marks, own)
    return ENVIRONMENT.get_template("feedback.html.j2").render(
        name=name,
        lesson=own,
        marks=marks,
        total=marks.notebooks[name],
        notebooks=notebooks,
        following=unfinished[0] if unfinished else None,
        beside=beside,
        summary=summary,
        checks={check.name: check for check in summary.checks},
        cells=Page(nb, own.ids, beside).cells(),
        markdown=partial(to_html, beside=beside, deeper=3),
    )
