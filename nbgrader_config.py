"""nbgrader's settings for the course: they work as they are, from a fresh clone.

nbgrader and JupyterLab's nbgrader extensions read this file when they are started in this folder. The
exchange (how releases reach learners on one machine and submissions come back) is the folder `exchange/`
beside this file, or the one that the environment variable NBGRADER_EXCHANGE names.
"""

import os
import sys
import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

ROOT = Path(__file__).resolve().parent
EXCHANGE = Path(os.environ.get("NBGRADER_EXCHANGE", ROOT / "exchange"))


c = get_config()  # noqa: F821  traitlets defines it where it runs this file

# The course: source/, release/, submitted/, autograded/, feedback/ and gradebook.db beside this file.
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "backprop"
if "GRADEBOOK_URL" in os.environ:  # such as postgresql+psycopg://user@host/gradebook
    c.CourseDirectory.db_url = os.environ["GRADEBOOK_URL"]
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

# `nbgrader validate`: a cell needs less than 5 s.
c.Execute.timeout = 60

# Grading: learners' code in a sandbox, the tests in a process of their own (docs/grading.md).
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
import grading  # noqa: E402  it lies beside this file

grading.use(c)
c.Grading.warm_up = """
import nbformat  # fig.show() needs it
import plotly.express
import plotly.graph_objects as go
import plotly.subplots
import sklearn.datasets
import torch._subclasses.schema_check_mode  # torch's dispatch modes need it

# plotly imports and prepares the parts of a figure when they are first used
figure = plotly.subplots.make_subplots(1, 2, subplot_titles=["", ""])
figure.add_traces([go.Scatter(x=[0], line={"color": "red"}, marker={"size": 1}), go.Contour(z=[[0]])])
figure.add_trace(go.Heatmap(z=[[0]], coloraxis="coloraxis"), 1, 2)
figure.add_hline(0, line={"dash": "dot"})
figure.update_layout(title="", font_color="red", template="none", legend={"x": 1}, margin={"t": 0})
figure.update_layout(modebar={"color": "red"})
slider = {"steps": [{"label": ""}], "currentvalue": {"prefix": ""}, "pad": {"t": 0}}
figure.update_layout(sliders=[slider], updatemenus=[{"buttons": [{"label": ""}], "pad": {"t": 0}}])
figure.update_xaxes(title="").update_yaxes(title="")
figure.frames = [go.Frame(data=[go.Scatter(x=[0])], traces=[0])]
plotly.io.renderers["plotly_mimetype"].to_mimebundle(figure.to_plotly_json())

sklearn.datasets.make_regression()  # looks through all installed packages when it is first used
"""
c.Grading.mirrored = [
    "checks.at_once.built", "checks.at_once.step", "checks.by_hand.passes", "checks.by_hand.engine_calls",
]  # fmt: skip
# Ready-made derivatives are refused while a backward runs; what could lead round that is shown to a person.
c.Grading.suspicious_names = [
    "autograd", "grad_fn", "requires_grad", "requires_grad_", "enable_grad", "make_dual",
    "torch.func", "functorch", "torch.ops",
    "_C", "_python_dispatch", "_execution_engine", "_engine_run_backward",
    "complex", "sympy", "jax", "threading", "concurrent", "unittest.mock",
    "checks.reference", "checks.by_hand", "checks.watch",
]  # fmt: skip
c.Grading.suspicious_except_in = ["autograd"]
# The report on the class: how the checks speak, and the page that explains their sentences.
c.ClassReport.catalogue = "source/backprop/checks/messages/ru.json"
c.ClassReport.undone = ["call.undone", "value.none"]
c.ClassReport.mistakes_page = "release/backprop/typical-mistakes.md"
# Figures as plain JSON: 40 KB a notebook, where plotly's default adds the whole of plotly.js.
os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")
# nbgrader 0.9.6 was written for an older SQLAlchemy, which did not warn of this.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader.api")
