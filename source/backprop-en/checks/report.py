"""Shows rows to the learner: an HTML table in a notebook, plain text everywhere else."""

import sys
import textwrap
from html import escape

from . import hints
from .messages import text
from .outcome import CheckFailed, Verdict

CODE_INDENT = "    "
PYTHON = "Python:"
WIDTH = 78  # `nbgrader validate` cuts lines at 87 characters


def _readable(colour):
    """A colour of the notebook's theme half-way to the colour of its text: it stands out from the paper.

    A viewer that knows no `color-mix` shows the mark in the colour of the text.
    """
    return f"color-mix(in srgb, {colour}, var(--jp-ui-font-color1, currentcolor))"


GREEN = _readable("var(--jp-success-color1, #2e7d32)")
RED = _readable("var(--jp-error-color1, #c62828)")
BROWN = _readable("var(--jp-warn-color1, #8d6e00)")
MARKS = {
    Verdict.OK: ("✓", GREEN),
    Verdict.WRONG: ("✗", RED),
    Verdict.SHAPE: ("✗", RED),
    Verdict.UNDONE: ("○", BROWN),
    Verdict.RAISED: ("✗", RED),
    Verdict.REFUSED: ("✗", RED),
}
CELL = "padding:0.2em 0.8em;text-align:left;color:var(--jp-ui-font-color1, inherit)"
BORDER = "border-bottom:1px solid var(--jp-border-color2, #bbb)"


class Table:
    """Rows with a title, as HTML for Jupyter and as text for a terminal."""

    def __init__(self, title, rows, bounds=False):
        """With `bounds` a row has what was measured and its bound in place of shapes and an error."""
        self.title = title
        self.rows = rows
        self.bounds = bounds

    def _header(self):
        shown = ("measured", "bound") if self.bounds else ("yours", "torch", "error")
        return [text(f"table.{column}") for column in ("name", *shown, "verdict")]

    def _lines(self):
        for row in self.rows:
            shown = (row.yours, row.torch) if self.bounds else (row.yours, row.torch, row.error)
            yield [row.name, *shown, f"{MARKS[row.verdict][0]} {row.verdict.label}"]

    def text(self):
        lines = [self._header(), *self._lines()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        body = [
            "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, *body, *self._originals()])

    def _originals(self):
        """What Python itself said, each once."""
        return [f"{PYTHON} {said}" for said in dict.fromkeys(row.original for row in self.rows) if said]

    def html(self):
        head = "".join(
            f'<th scope="col" style="{CELL};{BORDER}">{escape(title)}</th>' for title in self._header()
        )
        body = ""
        for row, (name, *values, verdict) in zip(self.rows, self._lines(), strict=True):
            mark = f'<span style="color:{MARKS[row.verdict][1]};font-weight:bold">{escape(verdict[0])}</span>'
            cells = "".join(f'<td style="{CELL}">{escape(value)}</td>' for value in values)
            body += (
                f'<tr><th scope="row" style="{CELL}">{_code(name)}</th>{cells}'
                f'<td style="{CELL}">{mark}{escape(verdict[1:])}</td></tr>'
            )
        return (
            f'<table style="border-collapse:collapse;margin:0.3em 0">'
            f'<caption style="{CELL};font-weight:bold">{escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{self._folded()}"
        )

    def _folded(self):
        """What Python itself said, to be opened."""
        said = "<br>".join(map(escape, self._originals()))
        title = escape(text("table.original"))
        return f"<details><summary>{title}</summary><code>{said}</code></details>" if said else ""

    def bundle(self):
        """Both forms under their MIME types."""
        return {"text/plain": self.text(), "text/html": self.html()}


def _code(name):
    """Names of Python are set as code, behaviours as text."""
    return f"<code>{escape(name)}</code>" if name.replace(".", "").isidentifier() else escape(name)


def wrap(message):
    """The message in lines short enough for every place that shows it; code keeps a line of its own."""
    return "\n".join(_wrap_line(line) for line in message.split("\n"))


def _wrap_line(line):
    if line.startswith(CODE_INDENT):
        return CODE_INDENT + textwrap.shorten(line, WIDTH - len(CODE_INDENT), placeholder="…")
    return textwrap.fill(line, WIDTH)


def failure(row):
    """The CheckFailed that says what is wrong with a row and which hint helps, if one speaks of it."""
    step = hints.helpful(row)
    hint = "\n" + text("hint.offer", title=text(f"hint.{step}"), where=row.hinted) if step else ""
    return CheckFailed(wrap(f"{row.name}: {row.message}{hint}"), row.message.key, MARKS[row.verdict][0])


def show_table(title, rows, bounds=False):
    """Show all rows, then fail with the first sentence that says what is wrong.

    Raises CheckFailed when a row is not right.
    """
    table = Table(title, rows, bounds)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        sys.modules["IPython"].display.display(table.bundle(), raw=True)
    else:
        print(table.text())
    wrong = [row for row in rows if not row.ok]
    if wrong:
        raise failure(wrong[0])


def show_row(row):
    """Say in one line that the row is right, and return True, so that test cells can assert it.

    Raises CheckFailed with the row's sentence when it is not.
    """
    if not row.ok:
        raise failure(row)
    print(f"✓ {row.name}: {row.verdict.label}")
    return True
