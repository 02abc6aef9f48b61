"""Renders the feedback page: set as `c.GenerateFeedback.exporter_class`.

nbgrader makes the exporter before it makes the first page. feedback_run.py goes through the submissions.
"""

from functools import partial
from pathlib import Path

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from traitlets import default

from nbgrader_apart.feedback import feedback_run, notebook_for_page
from nbgrader_apart.feedback.feedback_page import render
from nbgrader_apart.feedback.lesson import lessons
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model.autograded_notebook import Unreadable


class FeedbackPageExporter(Exporter):
    """An autograded notebook with its marks (of ReadMarks) as one HTML file that makes no requests."""

    output_mimetype = "text/html"

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        if isinstance(self.parent, GenerateFeedback):
            self.parent.convert_notebooks = partial(feedback_run.convert_notebooks, self.parent)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    # nbconvert's annotation names a notebook where every exporter returns its output
    def from_filename(  # type: ignore[override]
        self, filename: str, resources: dict | None = None, **kw: object
    ) -> tuple[str, dict]:
        """The page of an autograded notebook, and its resources. Raises Unreadable."""
        assert resources is not None  # nbgrader always passes them
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook_for_page.read(path), resources, **kw)

    def from_notebook_node(  # type: ignore[override]  # as above
        self, nb: NotebookNode, resources: dict | None = None, **kw: object
    ) -> tuple[str, dict]:
        """The page of a notebook of notebook_for_page.read, and its resources. Raises Unreadable."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        name, marks = resources["nbgrader"]["notebook"], resources["marks"]
        converter: GenerateFeedback = self.parent
        found = lessons(converter.coursedir, resources["nbgrader"]["assignment"])
        if name not in found:
            raise Unreadable(text("feedback.unknown", name=name))
        beside = {path.name for path in Path(resources["metadata"]["path"]).iterdir()}
        lost = [other for other in marks.graded if f"{other}.ipynb" not in beside]
        if lost:
            raise Unreadable(text("autograded.lost", names=", ".join(lost)))
        with speaking(found[name].language):
            page = render(nb, marks, found, name, beside)
        return page.encode("utf-8", "replace").decode(), resources
