"""A notebook that is too long for its readers breaks a rule."""

import pytest

from course.build import cell_rules, notebook_text

TASK = "task-1-first"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("```python\npass\n```\n" * 30, "37 cells before the graded checks, more than 30"),
        ("```python\n" + "pass\n" * 21 + "```\n", f"the cell {TASK}-2 has 21 lines, more than 20"),
        ("```python\npass\n```\n" * 23, None),
        ("```python\n### BEGIN SOLUTION\n" + "pass\n" * 30 + "### END SOLUTION\n```\n", None),
    ],
    ids=["many cells", "a long cell", "as many as may be", "a long solution"],
)
def test_length(course, extra, problem):
    path = course.tasks / TASK / "text.md"
    text = path.read_text("utf-8")
    path.write_text(text.replace("## Что считаем", extra + "## Что считаем"), "utf-8")
    expected = [f"{TASK}: {problem}"] if problem else []
    assert cell_rules.problems() == [*expected, "the points sum to 0 instead of 100"]
    assert len(notebook_text.build(TASK).cells) > 5
