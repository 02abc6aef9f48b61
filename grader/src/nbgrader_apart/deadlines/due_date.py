"""The due date stands under the title of each released notebook: learners read it before they hand in."""

import re
from datetime import UTC, datetime

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import NbGraderPreprocessor

from nbgrader_apart.messages import speaking, text
from nbgrader_apart.messages.written import moment
from nbgrader_apart.model import marks
from nbgrader_apart.model.source_notebook import language

TITLE = re.compile(r"^# .+$", re.MULTILINE)


def local(due: datetime) -> str:
    """The gradebook's time as the clocks of this machine show it, with their difference from UTC."""
    here = due.replace(tzinfo=UTC).astimezone()
    return f"{moment(here)} (UTC{here.isoformat()[-6:]})"


def sentence(due: datetime) -> str:
    """What a released notebook says of the due date."""
    return text("deadline.header", time=local(due))


class DueDate(NbGraderPreprocessor):
    """A step of nbgrader's GenerateAssignment; without a due date in the gradebook it changes nothing."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        converter = self.parent.parent
        if isinstance(converter, GenerateAssignment) and converter.no_database:
            return nb, resources
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            due = marks.due_date(gradebook, about["assignment"])
        if due:
            with speaking(language(nb)):
                put(nb, sentence(due))
        return nb, resources


def put(nb: NotebookNode, said: str) -> None:
    """Put the sentence under the notebook's title, or into a cell of its own where that is not plain text."""
    if any(said in cell.source for cell in nb.cells):
        return  # nbgrader reads a course's settings twice, and then takes each appended step twice
    for cell in nb.cells:
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            if TITLE.search(cell.source):
                cell.source = TITLE.sub(lambda title: f"{title.group()}\n\n{said}", cell.source, count=1)
                return
            break
    nb.cells.insert(0, new_markdown_cell(said, id="due-date"))
