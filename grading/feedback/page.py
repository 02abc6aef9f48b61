"""nbgrader's way in: `c.GenerateFeedback.exporter_class`."""

from functools import partial
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import jinja2
from markupsafe import Markup
from nbconvert.exporters import Exporter
from traitlets import default

from ..messages import text
from .cells import Page
from .lesson import lesson
from .markdown import to_html
from .summary import CODE_INDENT, summarise

HERE = Path(__file__).parent
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def points(number):
    """Points as they are written in Russian: 2, 0,5."""
    return f"{round(float(number), 2):g}".replace(".", ",")


def sentence(message):
    """A check's message as HTML: paragraphs, and its indented lines as code."""
    parts = []
    for code, lines in groupby(message.split("\n"), key=lambda line: line.startswith(CODE_INDENT)):
        block = dedent("\n".join(lines))
        parts.append(Markup("<pre>{}</pre>" if code else "<p>{}</p>").format(block))
    return Markup("").join(parts)


ENVIRONMENT.filters |= {"points": points, "sentence": sentence}
ENVIRONMENT.globals["text"] = text


class FeedbackPage(Exporter):
    """An autograded notebook with its marks (of ReadMarks) as one HTML file that asks nobody for anything."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self):
        return ".html"

    def from_notebook_node(self, nb, resources=None, **kw):
        """The page and its resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        course, about = self.parent.coursedir, resources["nbgrader"]
        folder = Path(course.format_path(course.source_directory, ".", about["assignment"]))
        lessons = {path.stem: lesson(path) for path in sorted(folder.glob("*.ipynb"))}
        if about["notebook"] not in lessons:
            raise FileNotFoundError(
                f"{folder} has no {about['notebook']}.ipynb: feedback needs its title and hints"
            )
        beside = {path.name for path in Path(resources["metadata"]["path"]).iterdir()}
        return render(nb, resources["marks"], lessons, about["notebook"], beside), resources


def render(nb, marks, lessons, name, beside):
    """The page of the notebook `name`. `lessons` {name: Lesson}, `beside` files that it may link to."""
    own = lessons[name]
    notebooks = [
        (other, lessons[other].title if other in lessons else other, total)
        for other, total in marks.notebooks.items()
    ]
    unfinished = [row for row in notebooks if row[0] != name and row[2].score < row[2].possible]
    summary = summarise(nb, marks, own)
    return ENVIRONMENT.get_template("page.html.j2").render(
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
