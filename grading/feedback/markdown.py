"""Markdown as HTML that is safe to open: formulas as MathML, no picture or script from elsewhere."""

import html
import re
import secrets

from mistune import import_plugin
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from ..messages import text
from ..record import clean
from .mathml import block, mathml

DEEPEST = 6
TASK = re.compile(r"^(\s*(?:<p>)?)\[([ xX])\]\s+")
BOXES = {" ": "☐ ", "x": "☑ "}
LINK = re.compile(r'<a href="([^"]*)"')
NOTEBOOK = re.compile(r"\.ipynb(?=$|#)")


class Renderer(IPythonRenderer):
    """Formulas are put aside while the rest is cleaned; headings go `deeper` by some levels."""

    def __init__(self, deeper):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.deeper, self.formulas, self._mark = deeper, {}, f"formula{secrets.token_hex(8)}n"

    def _put_aside(self, formula):
        name = f"{self._mark}{len(self.formulas)}n"
        self.formulas[name] = formula
        return name

    def inline_math(self, body):
        return self._put_aside(mathml(body))

    def block_math(self, body):
        return self._put_aside(f'<span class="formula">{block(body)}</span>')

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def heading(self, text, level, **attrs):
        return super().heading(text, min(level + self.deeper, DEEPEST), **attrs)

    def image(self, text, url, title=None):
        return text  # the page makes no request, and attachments are not taken in

    def list_item(self, text):
        return super().list_item(TASK.sub(lambda box: box[1] + BOXES[box[2].lower()], text))

    def finish(self, page):
        """The cleaned page with the formulas back in their places."""
        return re.sub(f"{self._mark}\\d+n", lambda name: self.formulas.get(name[0], ""), page)


def to_html(source, deeper=2, beside=()):
    """Safe HTML of Markdown with formulas. Headings begin `deeper` levels lower than they are written.

    Of links to other files those stay that name a file `beside` the notebook; a notebook's lead to its page.
    """
    renderer = Renderer(deeper)
    plugins = [import_plugin(name) for name in ("strikethrough", "table")]
    shown = MarkdownWithMath(renderer=renderer, plugins=plugins).render(source)
    shown = clean.html(shown)
    wide = f'<div class="wide" tabindex="0" role="group" aria-label="{text("feedback.table")}"><table'
    shown = shown.replace("<table", wide).replace("</table>", "</table></div>")
    shown = LINK.sub(lambda found: _link(html.unescape(found[1]), beside), shown)
    return renderer.finish(shown)


def _link(address, beside):
    if address.startswith("https://"):
        return f'<a href="{html.escape(address)}" rel="noopener noreferrer"'
    if address.partition("#")[0] in beside:
        return f'<a href="{html.escape(NOTEBOOK.sub(".html", address))}"'
    return "<a"
