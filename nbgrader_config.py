"""nbgrader's settings for the course: they work as they are, from a fresh clone.

nbgrader and JupyterLab's nbgrader extensions read this file when they are started in this folder.
"""

import os
import sys
import tomllib
from pathlib import Path

import nbgrader_apart

ROOT = Path(__file__).resolve().parent

# traitlets defines these two where it runs this file
load_subconfig(str(ROOT / ".jupyter" / "learner" / "nbgrader_config.py"))  # noqa: F821
c = get_config()  # noqa: F821

# The course: source/, release/, submitted/, autograded/, feedback/ and gradebook.db beside this file.
c.CourseDirectory.root = str(ROOT)
if "GRADEBOOK_URL" in os.environ:  # such as postgresql+psycopg://user@host/gradebook
    c.CourseDirectory.db_url = os.environ["GRADEBOOK_URL"]

# nbgrader starts `alembic` by name: let it find its own environment's, activated or not.
BIN = str(Path(sys.executable).parent)
if BIN not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([BIN, os.environ.get("PATH", "")])

# release/ is in git, the gradebook is not: `nbgrader generate_assignment` has to fill it all the same.
c.GenerateAssignment.force = True

# What a learner finds in place of a solution.
c.LanguageStubs.code_stubs = {
    "ru": "raise NotImplementedError  # ВАШ КОД",
    "en": "raise NotImplementedError  # YOUR CODE",
}

# Grading: learners' code in a sandbox, the tests in a process of their own (docs/grading.md).
nbgrader_apart.use(c, language="ru")
c.Grading.tests = "apart"
c.Grading.cell_seconds = 30
c.Grading.warm_up = """
import nbformat  # fig.show() needs it
import plotly.express
import plotly.graph_objects as go
import plotly.subplots
import sklearn.datasets
import torch._subclasses.schema_check_mode  # torch's dispatch modes need it
import torch.fx.experimental.symbolic_shapes  # y.backward(gradient) needs it, and sympy with it

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
    "checks.at_once.carry_out", "checks.at_once.so_far", "checks.at_once.plain", "checks.at_once.fields",
    "checks.by_hand.engine_calls",
]  # fmt: skip
# Cells that stopped: a check that rests on one names the cause.
c.Grading.kernel_names = ["__failed_cells__"]
# Where a gradient is to be derived, code uses what is on this list; anything else a person looks at.
c.Grading.allowed = tomllib.loads((ROOT / "course/allowed.toml").read_text("utf-8"))
# The report on the class: how the checks speak, and the page that explains their sentences.
c.ClassReport.catalogue = "source/{assignment}/checks/messages/{language}.json"
c.ClassReport.undone = ["call.undone", "value.none", "paper.empty"]
c.ClassReport.mistakes_page = "release/{assignment}/typical-mistakes.md"
# Figures as plain JSON: 40 KB a notebook, where plotly's default adds the whole of plotly.js.
os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")
