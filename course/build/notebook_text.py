"""Turns the text of a notebook (Markdown with jinja2 pieces) into an nbgrader notebook without outputs."""

import json
import re
from dataclasses import asdict
from functools import cache, partial

import jupytext
import nbformat

from course.build import tasks, templates, translation
from course.build.editions import ORIGINAL
from course.build.paths import MESSAGES

# 100 rows by default
REGRESSION = "make_regression(n_features=4, n_informative=4, coef=True, bias=0.5, random_state=42)"
MISTAKES_PAGE = "typical-mistakes.md"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

SOLUTION = re.compile(r"### BEGIN SOLUTION\n.+?### END SOLUTION", re.DOTALL)
FEEDBACK = re.compile(r"^```markdown feedback\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HINTS = re.compile(r"^````hints\n(.*?)^````$", re.MULTILINE | re.DOTALL)
HINTS_IN_ORDER = ("hint.idea", "hint.formula", "hint.code")


@cache
def messages(language=ORIGINAL.language):
    """key → sentence of the message catalogue."""
    say = translation.into(language)
    found = json.loads(MESSAGES.read_text(encoding="utf-8"))
    return {key: say(f"message {key}", sentence) for key, sentence in found.items()}


def render(name, language=ORIGINAL.language):
    """The notebook's text with its pieces filled in.

    The points in the header are the sum of the test cells' points, so the text is rendered twice.
    """
    say = translation.into(language)
    template = templates.task(name, say)
    behaviours = {
        key.removeprefix("behaviour."): title
        for key, title in messages(language).items()
        if key.startswith("behaviour.")
    }
    page = f"{MISTAKES_PAGE}#{name}"
    values = {"regression": REGRESSION, "mistakes_page": page, "behaviours": behaviours}
    values |= asdict(tasks.front_as(name, say))
    draft = template.render(points=0, **values)
    points = sum(
        int(number) for number in re.findall(r"^```python test=.* points=(\d+)", draft, re.MULTILINE)
    )
    return template.render(points=points, **values)


def _fold_hints(match, sentences):
    """Three parts separated by lines of dashes become three folded hints in one Markdown cell."""
    parts = [part.strip("\n") for part in re.split(r"^---$", match.group(1), flags=re.MULTILINE)]
    folded = [
        f"<details><summary><b>{sentences[key]}</b></summary>\n\n{part}\n\n</details>"
        for key, part in zip(HINTS_IN_ORDER, parts, strict=True)
    ]
    return "<!-- #region -->\n" + "\n".join(folded) + "\n<!-- #endregion -->"


def build(name, language=ORIGINAL.language):
    """The notebook `name` with nbgrader's metadata and stable cell ids, without outputs."""
    text = render(name, language)
    feedback = FEEDBACK.search(text)
    folded = HINTS.sub(partial(_fold_hints, sentences=messages(language)), FEEDBACK.sub("", text))
    notebook = jupytext.reads(folded, fmt="md")
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    tick_box = nbformat.v4.new_markdown_cell(
        feedback.group(1).strip(), metadata={"tags": ["feedback-request"]}
    )
    notebook.cells.append(tick_box)
    notebook.metadata = metadata(language)
    for number, cell in enumerate(notebook.cells, start=1):
        _describe(cell)
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"{name}-{number}")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def metadata(language):
    """The metadata of a notebook: its kernel, and the language in which graders speak of it."""
    return nbformat.from_dict(KERNEL | {"apart": {"language": language}})


def _describe(cell):
    """Replace the short marks of the text (solution, test, locked) by nbgrader's metadata."""
    marks = cell.metadata
    kind = next((mark for mark in ("solution", "test", "locked") if mark in marks), None)
    cell.metadata = nbformat.from_dict({"tags": marks["tags"]} if "tags" in marks else {})
    if cell.cell_type == "markdown":
        return
    defines = "class " in cell.source or "def " in cell.source
    bare = cell.source.endswith("\n### END SOLUTION")  # a gap outside of every function raises when it is run
    if kind != "locked" and (bare or not defines):  # Run All goes on after what is undone or wrong
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
