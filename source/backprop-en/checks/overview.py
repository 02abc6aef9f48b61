"""Where a learner stands: what the saved notebooks of the folder say about their graded checks."""

import sys
from dataclasses import dataclass, field
from html import escape

from .messages import text
from .outcome import CheckFailed, Verdict
from .report import BORDER, CELL, MARKS
from .saved import failed, names, read

PASSED, OPEN, UNDONE = "passed", "open", "undone"
NOT_BEGUN = ("NotImplementedError", "NameError")


@dataclass
class Standing:
    """One notebook: its title, (state, points, title) of each graded check, and why it cannot be read."""

    name: str
    title: str
    checks: list = field(default_factory=list)
    trouble: str = ""

    def count(self, state):
        return sum(found == state for found, _, _ in self.checks)

    def points(self, *states):
        return sum(points for state, points, _ in self.checks if state in states)

    @property
    def left(self):
        """Titles of the checks that are not passed."""
        return [title for state, _, title in self.checks if state != PASSED]


class Overview:
    """All notebooks, as HTML for Jupyter and as text for a terminal."""

    def __init__(self, standings):
        self.standings = standings

    def _lines(self):
        for each in self.standings:
            points = f"{each.points(PASSED)} / {each.points(PASSED, OPEN, UNDONE)}"
            yield each, [*(str(each.count(state) or "") for state in (PASSED, OPEN, UNDONE)), points]

    def _next(self):
        """What to do next, and the file in which."""
        for each in self.standings:
            if each.trouble:
                return each.trouble, each.name
            if each.left:
                return text(
                    "progress.next", title=each.title, check=each.left[0], left=len(each.left)
                ), each.name
        return text("progress.done"), ""

    def _header(self):
        return [text(f"progress.{column}") for column in ("notebook", PASSED, OPEN, UNDONE, "points")]

    def text(self):
        lines = [self._header()] + [[each.title, *values] for each, values in self._lines()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        body = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([*body, "", self._next()[0], text("progress.saved")])

    def html(self):
        head = "".join(
            f'<th scope="col" style="{CELL};{BORDER}">{escape(one)}</th>' for one in self._header()
        )
        body = ""
        for each, values in self._lines():
            cells = "".join(f'<td style="{CELL}">{escape(value)}</td>' for value in values)
            body += f'<tr><th scope="row" style="{CELL}">{_link(each.name, each.title)}</th>{cells}</tr>'
        sentence, name = self._next()
        advice = f"<b>{_link(name, sentence) if name else escape(sentence)}</b>"
        return (
            f'<table style="border-collapse:collapse;margin:0.3em 0"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table><p>{advice}</p><p>{escape(text('progress.saved'))}</p>"
        )


def _link(name, words):
    return f'<a href="{escape(name)}.ipynb">{escape(words)}</a>'


def progress():
    """Show what is passed, open and not begun in each saved notebook of this folder, and what to do next.

    Raises CheckFailed when no notebook of the course lies here.
    """
    found = names()
    if not found:
        raise failed("progress.empty")
    overview = Overview([standing(name) for name in found])
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        bundle = {"text/plain": overview.text(), "text/html": overview.html()}
        sys.modules["IPython"].display.display(bundle, raw=True)
    else:
        print(overview.text())


def standing(name):
    """The Standing of the saved notebook `name`; one that cannot be read says why."""
    try:
        notebook = read(name)
    except CheckFailed as error:
        return Standing(name, name, trouble=str(error))
    heading = next(
        (line for cell in notebook.cells for line in cell.source.splitlines() if line[:2] == "# "), name
    )
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    checks = [
        (
            _state(cell),
            cell.metadata.nbgrader.get("points", 0),
            cell.metadata.get("title", cell.get("id", "")),
        )
        for cell in graded
    ]
    return Standing(name, heading.removeprefix("# "), checks)


def _state(cell):
    """What the outputs of a graded cell say; a check that found nothing to check has not been begun."""
    if not cell.get("execution_count"):
        return UNDONE
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return PASSED
    undone = error.ename in NOT_BEGUN or any(MARKS[Verdict.UNDONE][0] in line for line in error.traceback[:1])
    return UNDONE if undone else OPEN
