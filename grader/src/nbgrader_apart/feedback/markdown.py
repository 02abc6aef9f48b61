"""Markdown as HTML that is safe to open: formulas as MathML, no picture or script from elsewhere."""

import html
import re
import secrets
from collections.abc import Collection
from typing import Any, ClassVar

from mistune import import_plugin
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathBlockParser,
    MathInlineParser,
)

from nbgrader_apart.feedback.mathml import LONGEST, block, mathml
from nbgrader_apart.messages import text
from nbgrader_apart.record import safe_outputs

DEEPEST = 6
TASK = re.compile(r"^(\s*(?:<p>)?)\[([ xX])\]\s+")
BOXES = {" ": "☐ ", "x": "☑ "}
LINK = re.compile(r'<a href="([^"]*)"')
NOTEBOOK = re.compile(r"\.ipynb(?=$|#)")
BLANKS = re.compile(r"[ \t]{200,}")  # mistune scans a row of blanks once for each of them


def bounded(specification: dict[str, str]) -> dict[str, str]:
    """The same patterns, whose formulas have at most LONGEST characters.

    Unbounded, each opening delimiter without an end makes them scan the whole rest of the text.
    """
    return {
        name: re.sub(r"\.([*+])\?", lambda found: f".{{{'*+'.index(found[1])},{LONGEST}}}?", pattern)
        if "math" in name or name == "latex_environment"
        else pattern
        for name, pattern in specification.items()
    }


class BoundedBlockParser(MathBlockParser):
    """Paragraphs, among them formulas."""

    SPECIFICATION: ClassVar[dict[str, str]] = bounded(MathBlockParser.SPECIFICATION)


class BoundedInlineParser(MathInlineParser):
    """The contents of a paragraph, among them formulas."""

    SPECIFICATION: ClassVar[dict[str, str]] = bounded(MathInlineParser.SPECIFICATION)


class Renderer(IPythonRenderer):
    """Puts formulas aside while the rest is sanitised; headings are moved `deeper` by some levels."""

    def __init__(self, deeper: int) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.deeper = deeper
        self.formulas: dict[str, str] = {}
        self._mark = f"formula{secrets.token_hex(8)}n"

    def _put_aside(self, formula: str) -> str:
        name = f"{self._mark}{len(self.formulas)}n"
        self.formulas[name] = formula
        return name

    def inline_math(self, body: str) -> str:
        return self._put_aside(mathml(body))

    def block_math(self, body: str) -> str:
        return self._put_aside(f'<span class="formula" tabindex="0">{block(body)}</span>')

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return super().heading(text, min(level + self.deeper, DEEPEST), **attrs)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text  # the page makes no request, and attachments are not accepted

    def list_item(self, text: str) -> str:
        return super().list_item(TASK.sub(lambda box: box[1] + BOXES[box[2].lower()], text))

    def finish(self, page: str) -> str:
        """The sanitised page with the formulas back in their places."""
        return re.sub(f"{self._mark}\\d+n", lambda name: self.formulas.get(name[0], ""), page)


def to_html(source: str, deeper: int = 2, beside: Collection[str] = ()) -> str:
    """Safe HTML of Markdown with formulas. Headings begin `deeper` levels lower than they are written.

    Links to other files are kept when they name a file `beside` the notebook; those to a notebook lead to its
    page.
    """
    renderer = Renderer(deeper)
    plugins = [import_plugin(name) for name in ("strikethrough", "table")]
    markdown = MarkdownWithMath(
        renderer, BoundedBlockParser(), BoundedInlineParser(hard_wrap=False), plugins=plugins
    )
    shown = safe_outputs.html(markdown.render(BLANKS.sub(" ", source)))
    wide = f'<div class="wide" tabindex="0" role="group" aria-label="{text("feedback.table")}"><table'
    shown = shown.replace("<table", wide).replace("</table>", "</table></div>")
    shown = LINK.sub(lambda found: _link(html.unescape(found[1]), beside), shown)
    return renderer.finish(shown)


def _link(address: str, beside: Collection[str]) -> str:
    if address.startswith("https://"):
        return f'<a href="{html.escape(address)}" rel="noopener noreferrer"'
    if address.partition("#")[0] in beside:
        return f'<a href="{html.escape(NOTEBOOK.sub(".html", address))}"'
    return "<a"
