"""The step between nbgrader's sanitising and its gradebook, as one of nbgrader's preprocessors."""

from nbgrader.preprocessors import NbGraderPreprocessor

from . import assignment, notebook
from .judge.session import Judge
from .record import gradebook
from .settings import Grading


class RunAndJudge(NbGraderPreprocessor):
    """Fills the outputs of every code cell: learner's cells in the sandbox, tests by the judge."""

    def preprocess(self, nb, resources):
        about, coursedir = resources["nbgrader"], self.parent.parent.coursedir
        student, name = about["student"], about["assignment"]
        source = assignment.load(coursedir.format_path(coursedir.source_directory, ".", name))
        files = coursedir.format_path(coursedir.autograded_directory, student, name)
        with gradebook.opened(about) as found:
            found.forget_scores()
            checksums = found.checksums()
        settings = Grading(parent=self)
        with Judge(settings, source.folder, source.shipped) as judge:
            notebook.grade(nb, about["notebook"], source, files, settings, checksums, judge)
        return nb, resources


class SaveGrades(NbGraderPreprocessor):
    """Records the scores in the gradebook."""

    def preprocess(self, nb, resources):
        with gradebook.opened(resources["nbgrader"]) as found:
            found.save(nb)
        return nb, resources
