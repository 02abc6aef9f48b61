"""nbgrader's settings for the course: they work as they are, from a fresh clone.

nbgrader and JupyterLab's nbgrader extensions read this file when they are started in this folder. The
exchange (how releases reach learners on one machine and submissions come back) is the folder `exchange/`
beside this file, or the one that the environment variable NBGRADER_EXCHANGE names.
"""

import ast
import json
import os
import sys
import warnings
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import OverwriteCells, SaveAutoGrades
from nbgrader.utils import is_grade, is_locked, is_solution
from sqlalchemy.exc import SAWarning

ROOT = Path(__file__).resolve().parent
EXCHANGE = Path(os.environ.get("NBGRADER_EXCHANGE", ROOT / "exchange"))


MESSAGES = ROOT / "source" / "backprop" / "checks" / "messages" / "ru.json"
# What nobody can judge by reading the code alone.
DYNAMIC = {"exec", "eval", "compile", "__import__", "importlib", "ctypes", "subprocess", "get_ipython", "gc"}


class ReadableNotebook(NotebookExporter):
    """Reads a submitted notebook; one that cannot be read is named in one sentence."""

    def from_filename(self, filename, resources=None, **kwargs):
        """Convert the notebook, or say why it is none."""
        try:
            nbformat.read(filename, as_version=4)
        except Exception as error:  # whatever a learner sent: no JSON, other JSON, a broken encoding
            reason = f"{error}"[:100] if Path(filename).stat().st_size else "it is empty"
            raise NbGraderException(f"{filename} is not a Jupyter notebook: {reason}") from None
        return super().from_filename(filename, resources=resources, **kwargs)


class OverwriteTests(OverwriteCells):
    """Puts the tests back as nbgrader does, but without a warning for each: all have hidden lines."""

    def report_change(self, name, attr, old, new):
        """Report what a learner's notebook has changed, but for checksums."""
        if attr != "checksum":
            super().report_change(name, attr, old, new)


class AskPerson(SaveAutoGrades):
    """Saves the marks as nbgrader does, and asks a person to look at dynamic code. It costs no points."""

    def preprocess(self, nb, resources):
        """Go through the cells in order: a test that uses what a suspect cell defines needs a look."""
        self._suspects = set()
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, cell_index):
        """Save the mark or the comment of one cell, then mark it if it rests on dynamic code."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.cell_type == "code" and not (is_locked(cell) and not is_grade(cell)):
            self._look(cell, *_names(cell.source), resources["nbgrader"])
        return cell, resources

    def _look(self, cell, used, defined, where):
        found = used & (DYNAMIC | self._suspects)
        if not found:
            return
        place = (where["notebook"], where["assignment"], where["student"])
        if is_grade(cell):
            self.gradebook.find_grade(cell.metadata.nbgrader.grade_id, *place).needs_manual_grade = True
        else:
            self._suspects |= defined
            if is_solution(cell):
                sentence = json.loads(MESSAGES.read_text("utf-8"))["review.dynamic"]
                comment = self.gradebook.find_comment(cell.metadata.nbgrader.grade_id, *place)
                comment.auto_comment = sentence.format(names=", ".join(sorted(found)))
        self.gradebook.db.commit()


def _names(source):
    """Names that the code reads or imports, and names that it defines."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython's own syntax, or none at all: the cell's outputs tell
        return set(), set()
    used, defined = set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name) | ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                defined.add(name)
            case ast.Import(names=names):
                used.update(alias.name.split(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module)):
                used.add(module.split(".")[0])
    return used, defined


c = get_config()  # noqa: F821  traitlets defines it where it runs this file

# The course: source/, release/, submitted/, autograded/, feedback/ and gradebook.db beside this file.
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "backprop"
nbgraders_own = [".ipynb_checkpoints", "__pycache__", "*.pyc", "feedback"]
tests_of_the_checks = ["test_*.py", "conftest.py", ".pytest_cache", ".ruff_cache"]
c.CourseDirectory.ignore = nbgraders_own + tests_of_the_checks

# nbgrader requires an exchange that exists and that everybody can write to.
if not EXCHANGE.exists() and os.access(EXCHANGE.parent, os.W_OK):
    EXCHANGE.mkdir()
    EXCHANGE.chmod(0o777)
c.Exchange.root = str(EXCHANGE)

# nbgrader starts `alembic` by name: let it find its own environment's, activated or not.
BIN = str(Path(sys.executable).parent)
if BIN not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([BIN, os.environ.get("PATH", "")])

# release/ is in git, the gradebook is not: `nbgrader generate_assignment` has to fill it all the same.
c.GenerateAssignment.force = True

# What a learner finds in place of a solution.
c.ClearSolutions.code_stub = {"python": "# ВАШ КОД\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "ВАШ ОТВЕТ"

# Grading. A cell needs less than 5 s; an endless loop ends here, and the rest of the notebook is graded.
c.Execute.timeout = 60
c.Autograde.exporter_class = ReadableNotebook
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    OverwriteTests,
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    AskPerson,
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# Figures as plain JSON: 40 KB a notebook, where plotly's default adds the whole of plotly.js.
os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")
# nbgrader 0.9.6 was written for an older SQLAlchemy, which did not warn of this.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader.api")
