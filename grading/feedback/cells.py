"""The learner's notebook as views that the page's template shows: nothing active, nothing too large."""

import re
from dataclasses import dataclass, field

from markupsafe import Markup, escape
from nbconvert.filters import strip_ansi
from nbgrader import utils
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from ..messages import text
from ..record import clean
from ..take_in.rebuild import grade_id, is_learners
from .figures.show import show
from .markdown import to_html

PLOTLY = "application/vnd.plotly.v1+json"
ROOM = 1_200_000  # bytes of cells on a page; with everything else a page stays under 1.5 MB
FRAME = 400  # bytes of HTML around a cell or an output
LONGEST = 30_000  # characters of one printed text
MARKUP = 60_000  # characters of Markdown or HTML in one piece: cleaning it takes a second
SHORT = 8  # lines of an error that need no folding


@dataclass
class Output:
    """`kind` is text, error, html, picture, figure or note; `body` is what the template shows."""

    kind: str
    body: object
    title: str = ""


@dataclass
class Cell:
    """`kind` is words, code (the course's), answer (a learner's code) or test; `name` is the grade id."""

    kind: str
    source: Markup
    name: str = ""
    outputs: list = field(default_factory=list)


class Page:
    """Makes the cells of one page within ROOM; what does not fit is replaced by a sentence.

    `ids` are the cells of the course's notebook, `beside` the names of the files that links may lead to.
    """

    def __init__(self, nb, ids, beside):
        self.nb, self.ids, self.beside, self.left = nb, ids, beside, ROOM
        language = nb.metadata.get("language_info", nb.metadata.get("kernelspec", {})).get("name", "python")
        self.lexer = lexer(re.sub(r"\d+$", "", language))

    def cells(self):
        """The views of the cells, in order; a full page ends with a sentence."""
        views = []
        for number, cell in enumerate(self.nb.cells):
            if self.left < 0:
                return [*views, Cell("words", escape(text("feedback.too_long")))]
            views.append(self.cell(cell, number))
        return views

    def cell(self, cell, number):
        """The view of one cell."""
        name = grade_id(cell) or ""
        if cell.cell_type == "markdown":
            return Cell("words", self.markup(cell.source, self.markdown), name)
        if cell.cell_type != "code":
            return Cell("words", self.fit(escape(cell.source)), name)
        if utils.is_grade(cell) and not is_learners(cell):
            kind = "test"
        else:
            kind = "answer" if is_learners(cell) or cell.get("id") not in self.ids else "code"
        source = self.fit(Markup(highlight(cell.source[:LONGEST], self.lexer, HtmlFormatter(nowrap=True))))
        outputs = [self.output(each, f"f{number}-{place}") for place, each in enumerate(cell.outputs)]
        return Cell(kind, source, name, [output for output in outputs if output])

    def fit(self, shown):
        """`shown`, or a sentence when the page has no room left for it."""
        return shown if self.takes(len(shown.encode())) else escape(text("feedback.too_long"))

    def takes(self, size):
        """Whether so many bytes still fit; they are counted, and so is what stands around them."""
        fits = size <= self.left
        self.left -= FRAME + (size if fits else 0)
        return fits

    def markdown(self, source):
        return to_html(source, beside=self.beside)

    def markup(self, source, form):
        """What `form` makes of a source, when neither is too large."""
        return self.fit(Markup(form(source)) if len(source) <= MARKUP else escape(text("feedback.too_long")))

    def output(self, output, name):
        """The view of an nbformat output, or None when there is nothing to show or the page is full."""
        if self.left < 0:
            return None
        if output.output_type == "stream":
            return Output("text", self.fit(printed(output.text)))
        if output.output_type == "error":
            lines = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
            shown = printed(lines)
            title = f"{output.ename}: {output.evalue}".strip().partition("\n")[0][:200]
            return Output("error", self.fit(shown), title if shown.count("\n") >= SHORT else "")
        data = output.get("data", {})
        if isinstance(data.get(PLOTLY), dict):
            return self.figure(data[PLOTLY], name)
        found = {mime: value for mime, value in data.items() if isinstance(value, str)}
        if "text/html" in found:
            return Output("html", self.markup(found["text/html"], clean.html))
        for mime in clean.IMAGES:
            if mime in found:
                return self.picture(found[mime], mime)
        for mime in ("text/markdown", "text/latex"):
            if mime in found:
                return Output("html", self.markup(found[mime], self.markdown))
        return Output("text", self.fit(printed(found["text/plain"]))) if "text/plain" in found else None

    def picture(self, value, mime):
        """An image as an address that holds it."""
        shown = self.fit(Markup(f"data:{mime};base64,{re.sub(r'[^A-Za-z0-9+/=]', '', value)}"))
        return Output("picture" if shown.startswith("data:") else "note", shown)

    def figure(self, figure, name):
        drawn = show(figure, name)
        if drawn is None:
            return Output("note", self.fit(escape(text("feedback.figure.broken"))))
        if not self.takes(sum(len(svg) for _, svg in drawn.panels + drawn.legend)):
            return Output("note", escape(text("feedback.too_long")))
        return Output("figure", drawn)


def lexer(language):
    """pygments' lexer of a language, or of plain text."""
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return get_lexer_by_name("text")


def printed(shown):
    """Text as a terminal shows it, without its colours and not longer than LONGEST."""
    shown = strip_ansi(shown).rstrip("\n")
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}\n{text('feedback.cut')}"
    return escape(shown)
