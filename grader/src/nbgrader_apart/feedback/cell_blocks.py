"""The learner's notebook as views for the page's template: nothing active, nothing too large."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from markupsafe import Markup, escape
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from nbgrader_apart.feedback.figures.show import DrawnFigure, show
from nbgrader_apart.feedback.markdown import to_html
from nbgrader_apart.feedback.notebook_for_page import PLOTLY
from nbgrader_apart.messages import text
from nbgrader_apart.model.source_notebook import grade_id, is_learners
from nbgrader_apart.record import safe_outputs

ROOM = 1_200_000  # bytes of cells on a page; with everything else a page stays under 1.5 MB
FRAME = 400  # bytes of HTML around a cell or an output
LONGEST = 30_000  # characters of one printed text
MARKDOWN, HTML = 20_000, 60_000  # characters in one piece
LINE = 400  # characters of a line of code: the lexer is slow on longer ones
FIGURES = 4_000_000  # characters of plotly's JSON on a page
SHORT = 8  # lines of an error that is not folded


@dataclass
class OutputView:
    """`kind` is text, error, html, picture, figure or note; `body` is what the template shows."""

    kind: str
    body: Markup | DrawnFigure
    title: str = ""


@dataclass
class CellView:
    """`kind` is words, code (the course's), answer (a learner's code) or test; `name` is the grade id."""

    kind: str
    source: Markup
    name: str = ""
    outputs: list[OutputView] = field(default_factory=list)


class Page:
    """Makes the cells of one page within ROOM; what does not fit is replaced by a sentence.

    `ids` are the cells of the course's notebook, `beside` the names of the files that links may lead to.
    """

    def __init__(self, nb: NotebookNode, ids: Collection[str | None], beside: Collection[str]) -> None:
        self.nb, self.ids, self.beside, self.left, self.figures = nb, ids, beside, ROOM, FIGURES
        self.lexer = lexer(nb.metadata.language_info.name.rstrip("0123456789"))

    def cells(self) -> list[CellView]:
        """The views of the cells, in order; a full page ends with a sentence."""
        views: list[CellView] = []
        for number, cell in enumerate(self.nb.cells):
            if self.left < 0:
                return [*views, CellView("words", escape(text("feedback.too_long")))]
            views.append(self.cell(cell, number))
        return views

    def cell(self, cell: NotebookNode, number: int) -> CellView:
        """The view of one cell."""
        name = grade_id(cell) or ""
        if cell.cell_type == "markdown":
            return CellView("words", self.markup(cell.source, self.markdown, MARKDOWN), name)
        if cell.cell_type != "code":
            return CellView("words", self.fit(printed(cell.source)), name)
        if utils.is_grade(cell) and not is_learners(cell):
            kind = "test"
        else:
            kind = "answer" if is_learners(cell) or cell.get("id") not in self.ids else "code"
        source = self.fit(coloured(cell.source, self.lexer))
        outputs = [self.output(each, f"f{number}-{place}") for place, each in enumerate(cell.outputs)]
        return CellView(kind, source, name, [output for output in outputs if output])

    def fit(self, shown: Markup, least: int = 0) -> Markup:
        """`shown`, or a sentence when the page has no room left for it; counted as at least `least` bytes."""
        return shown if self.takes(max(least, len(shown.encode()))) else escape(text("feedback.too_long"))

    def takes(self, size: int) -> bool:
        """Whether so many bytes still fit; they are counted, with the HTML around them."""
        fits = size <= self.left
        self.left -= FRAME + (size if fits else 0)
        return fits

    def markdown(self, source: str) -> str:
        return to_html(source, beside=self.beside)

    def markup(self, source: str, form: Callable[[str], str], most: int) -> Markup:
        """What `form` makes of a source of at most `most` characters.

        At least the size of the source is counted: rendering costs time even when nothing is left of it.
        """
        if len(source) > most or len(source) > self.left:
            return self.fit(escape(text("feedback.too_long")))
        return self.fit(Markup(form(source)), len(source))

    def output(self, output: NotebookNode, name: str) -> OutputView | None:
        """The view of an nbformat output, or None when there is nothing to show or the page is full."""
        if self.left < 0:
            return None
        if output.output_type == "stream":
            return OutputView("text", self.fit(printed(output.text)))
        if output.output_type == "error":
            title = f"{output.ename[:200]}: {output.evalue[:200]}".strip().partition("\n")[0][:200]
            shown = printed("\n".join(output.traceback) or title)
            return OutputView("error", self.fit(shown), title if shown.count("\n") >= SHORT else "")
        found = output.data
        if PLOTLY in found:
            return self.figure(found[PLOTLY], name)
        if "text/html" in found:
            return OutputView("html", self.markup(found["text/html"], safe_outputs.html, HTML))
        for mime in safe_outputs.IMAGES:
            if mime in found:
                return self.picture(found[mime], mime)
        for mime in ("text/markdown", "text/latex"):
            if mime in found:
                return OutputView("html", self.markup(found[mime], self.markdown, MARKDOWN))
        return OutputView("text", self.fit(printed(found["text/plain"]))) if "text/plain" in found else None

    def picture(self, value: str, mime: str) -> OutputView:
        """An image as a data URL."""
        if len(value) > self.left:
            return OutputView("note", self.fit(escape(text("feedback.too_long"))))
        shown = self.fit(Markup(f"data:{mime};base64,{re.sub(r'[^A-Za-z0-9+/=]', '', value)}"))
        return OutputView("picture" if shown.startswith("data:") else "note", shown)

    def figure(self, figure: str, name: str) -> OutputView:
        """plotly's JSON text as pictures."""
        self.figures -= len(figure)
        drawn = show(figure, name) if self.figures >= 0 else None
        if drawn is None:
            key = "feedback.figure.broken" if self.figures >= 0 else "feedback.too_long"
            return OutputView("note", self.fit(escape(text(key))))
        if not self.takes(sum(len(svg) for _, svg in drawn.panels + drawn.legend)):
            self.figures = 0  # no further ones are drawn
            return OutputView("note", escape(text("feedback.too_long")))
        return OutputView("figure", drawn)


def lexer(language: str) -> Lexer:
    """pygments' lexer of a language, or of plain text."""
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return get_lexer_by_name("text")


def coloured(source: str, language: Lexer) -> Markup:
    """At most LONGEST characters of code as HTML, coloured by the lexer unless a line is too long."""
    lines = [line.rstrip() for line in source[:LONGEST].split("\n")]
    if any(len(line) > LINE for line in lines):
        return printed(source)
    return Markup(highlight("\n".join(lines), language, HtmlFormatter(nowrap=True)))


def printed(shown: str) -> Markup:
    """Text as a terminal shows it, without its colours and not longer than LONGEST."""
    shown = strip_ansi(shown[: 2 * LONGEST]).rstrip("\n")
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}\n{text('feedback.cut')}"
    return escape(shown)
