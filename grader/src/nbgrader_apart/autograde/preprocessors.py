"""The steps between nbgrader's sanitising and its gradebook, as nbgrader preprocessors."""

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from nbgrader_apart import grade_notebook
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.messages import speaking
from nbgrader_apart.model import assignment
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.source_notebook import ReleasedCell, language
from nbgrader_apart.processes.warm_process import WarmProcess
from nbgrader_apart.record import gradebook_rows


class RunAndJudge(NbGraderPreprocessor):
    """Fills the outputs of every code cell: learner's cells in the sandbox, tests by the judge.

    That happens in a bounded call of the exporter, an IntakeExporter.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about, exporter = resources["nbgrader"], self.parent
        student, name, coursedir = about["student"], about["assignment"], exporter.parent.coursedir
        source = assignment.load(coursedir.format_path(coursedir.source_directory, ".", name))
        files = coursedir.format_path(coursedir.autograded_directory, student, name)
        with gradebook_rows.opened(about) as found:
            cells = found.released()
        settings = Grading(parent=self)
        WarmProcess.get(settings.warm_up, source.shipped)  # for this submission and all that follow
        job = nb, about["notebook"], source, files, settings, cells
        return nbformat.reads(exporter.within(student, graded, *job), as_version=4), resources


def graded(
    nb: NotebookNode,
    name: str,
    source: assignment.Assignment,
    files: str,
    settings: Grading,
    released: dict[str, ReleasedCell],
) -> str:
    """The graded notebook as nbformat's JSON. Raises what grade_notebook.grade raises."""
    with speaking(source.language), Judge(settings, source.folder, source.shipped) as judge:
        grade_notebook.grade(nb, name, source, files, settings, released, judge)
    return nbformat.writes(nb, version=4)


class SaveGrades(NbGraderPreprocessor):
    """Records the scores in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        with speaking(language(nb)), gradebook_rows.opened(resources["nbgrader"]) as found:
            found.save(gradebook_rows.verdicts(nb))
        return nb, resources
