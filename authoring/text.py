"""Turns the text of a notebook (Markdown with jinja2 pieces) into an nbgrader notebook without outputs."""

import json
import re
from pathlib import Path

import jinja2
import jupytext
import nbformat

HERE = Path(__file__).parent
TEXTS = HERE / "notebooks"
# 100 rows by default
REGRESSION = "make_regression(n_features=4, n_informative=4, coef=True, bias=0.5, random_state=42)"
MISTAKES_PAGE = "typical-mistakes.md"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE),
    undefined=jinja2.StrictUndefined,
    variable_start_string="<<",
    variable_end_string=">>",
    block_start_string="<%",
    block_end_string="%>",
    comment_start_string="<#",
    comment_end_string="#>",
    trim_blocks=True,
    keep_trailing_newline=True,
    lstrip_blocks=True,
    autoescape=False,  # the result is Markdown, not HTML
)
FEEDBACK = re.compile(r"^```markdown feedback\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HINTS = re.compile(r"^````hints\n(.*?)^````$", re.MULTILINE | re.DOTALL)
MESSAGES = HERE.parent / "source" / "backprop" / "checks" / "messages" / "ru.json"
HINTS_IN_ORDER = ("hint.idea", "hint.formula", "hint.code")


def names():
    """The notebooks' names in the order of the course: seminars first, then tasks."""
    return sorted(path.stem for path in TEXTS.glob("*.md"))


def render(name):
    """The notebook's text with its pieces filled in.

    The points in the header are the sum of the test cells' points, so the text is rendered twice.
    """
    template = ENVIRONMENT.get_template(f"notebooks/{name}.md")
    values = {"regression": REGRESSION, "mistakes_page": MISTAKES_PAGE}
    draft = template.render(points=0, **values)
    points = sum(
        int(number) for number in re.findall(r"^```python test=.* points=(\d+)", draft, re.MULTILINE)
    )
    return template.render(points=points, **values)


def _fold_hints(match):
    """Three parts separated by lines of dashes become three folded hints in one Markdown cell."""
    parts = [part.strip("\n") for part in re.split(r"^---$", match.group(1), flags=re.MULTILINE)]
    messages = json.loads(MESSAGES.read_text(encoding="utf-8"))
    folded = [
        f"<details><summary><b>{messages[key]}</b></summary>\n\n{part}\n\n</details>"
        for key, part in zip(HINTS_IN_ORDER, parts, strict=True)
    ]
    return "<!-- #region -->\n" + "\n".join(folded) + "\n<!-- #endregion -->"


def build(name):
    """The notebook `name` with nbgrader's metadata and stable cell ids, without outputs."""
    text = render(name)
    feedback = FEEDBACK.search(text)
    notebook = jupytext.reads(HINTS.sub(_fold_hints, FEEDBACK.sub("", text)), fmt="md")
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    tick_box = nbformat.v4.new_markdown_cell(
        feedback.group(1).strip(), metadata={"tags": ["feedback-request"]}
    )
    notebook.cells.append(tick_box)
    notebook.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells, start=1):
        _describe(cell)
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"{name}-{number}")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def _describe(cell):
    """Replace the short marks of the text (solution, test, locked) by nbgrader's metadata."""
    marks = cell.metadata
    kind = next((mark for mark in ("solution", "test", "locked") if mark in marks), None)
    cell.metadata = nbformat.from_dict({"tags": marks["tags"]} if "tags" in marks else {})
    if cell.cell_type == "markdown":
        return
    stops = kind != "locked" and not ("class " in cell.source or "def " in cell.source)
    if stops:  # Run All goes on after a failed check or an unfinished script
        cell.metadata.tags = ["raises-exception"]
    if kind is None:
        return
    cell.metadata.nbgrader = {
        "cell_type": "code",
        "grade": kind == "test",
        "grade_id": marks[kind],
        "locked": kind != "solution",
        "schema_version": 3,
        "solution": kind == "solution",
        "task": False,
    }
    if kind == "test":
        cell.metadata.nbgrader["points"] = int(marks["points"])
        cell.metadata.title = marks.get("title", "")
