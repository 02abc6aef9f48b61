"""What nbgrader's own SaveAutoGrades leaves out: no stale scores, and questions for a person."""

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor


def submission_notebook(gradebook, resources):
    """The gradebook's row of the notebook that is being graded."""
    about = resources["nbgrader"]
    return gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])


def forget_scores(resources):
    """Forget the automatic scores of a notebook before it is graded again."""
    with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
        for grade in submission_notebook(gradebook, resources).grades:
            grade.auto_score = None
        gradebook.db.commit()


def checksums(resources):
    """{grade id: checksum of the released cell}: by it nbgrader knows an answer that was left as released."""
    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as gradebook:
        return {
            cell.name: cell.checksum
            for cell in gradebook.find_notebook(about["notebook"], about["assignment"]).source_cells
        }


class AskPerson(NbGraderPreprocessor):
    """Sets «needs manual grade» where `metadata.grading.manual` names a test; runs after SaveAutoGrades."""

    def preprocess(self, nb, resources):
        flagged = set(nb.metadata.get("grading", {}).get("manual", []))
        if flagged:
            with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
                for grade in submission_notebook(gradebook, resources).grades:
                    if grade.name in flagged:
                        grade.needs_manual_grade = True
                gradebook.db.commit()
        return nb, resources
