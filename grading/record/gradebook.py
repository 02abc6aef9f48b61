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
    """Sets «needs manual grade» and the reason as a comment where `metadata.grading.manual` says so.

    It runs after SaveAutoGrades, which resets both.
    """

    def preprocess(self, nb, resources):
        asked = nb.metadata.get("grading", {}).get("manual")
        if asked:
            with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
                notebook = submission_notebook(gradebook, resources)
                for grade in notebook.grades:
                    grade.needs_manual_grade |= grade.name in asked["tests"]
                for comment in notebook.comments:
                    comment.auto_comment = asked["comments"].get(comment.name, comment.auto_comment)
                gradebook.db.commit()
        return nb, resources
