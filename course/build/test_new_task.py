"""A new task is written whole, passes the rules and is executed; what exists is never written over."""

import json

import pytest

from course.build import catalogue, cell_rules, new_task, notebook_text, source_notebooks, tasks

NAME = "task-2-leaky-unit"


def test_five_files_are_written(course):
    before = (course.checks / "messages" / "ru.json").read_text("utf-8")
    written = new_task.write(NAME)
    assert [path.name for path in written] == [
        "text.md", "wrong.toml", "right.toml", "leaky_units.py", "ru.json",
    ]  # fmt: skip
    after = written[-1].read_text("utf-8")
    assert after.startswith(before.rstrip("}\n"))
    assert json.loads(after).items() > json.loads(before).items()


def test_it_stands_last_and_keeps_the_rules(course):
    new_task.write(NAME)
    notebook_text.messages.cache_clear()
    assert tasks.names() == ["task-1-first", NAME]
    assert cell_rules.problems() == ["the points sum to 0 instead of 100"]
    mistakes = catalogue._read("wrong.toml", catalogue._mistake)
    assert len(mistakes) == 3  # which make mistakes asks of every graded check
    assert {tuple(mistake.fails) for mistake in mistakes} == {("leaky_unit-dx",)}
    assert [entry.name for entry in catalogue.alternatives()] == ["leaky_unit-added"]


@pytest.mark.slow
def test_its_solution_passes_its_checks(course):
    new_task.write(NAME)
    assert source_notebooks.write(course.edition, [NAME]) == [NAME]
    cells = source_notebooks.read(NAME, course.edition).cells
    shown = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))
    assert "✓ dx: верно" in shown


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sigmoid", "is called like task-7-sigmoid"),
        ("task-7", "is called like task-7-sigmoid"),
        ("task-7-Sigmoid", "is called like task-7-sigmoid"),
        ("task-7-сигмоида", "is called like task-7-sigmoid"),
        ("../task-7-sigmoid", "is called like task-7-sigmoid"),
        ("task-1-first", "task-1-first exists already"),
        ("task-7-relu", "relus.py exists already"),
        ("task-7-dense-layer", "dense_layer: other checks have this name"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_is_written(course, name, sentence):
    before = sorted(course.tasks.rglob("*")) + sorted(course.checks.rglob("*"))
    with pytest.raises(ValueError, match=sentence):
        new_task.write(name)
    assert sorted(course.tasks.rglob("*")) + sorted(course.checks.rglob("*")) == before


def test_it_is_not_written_twice(course):
    new_task.write(NAME)
    (course.tasks / NAME / "text.md").unlink()
    with pytest.raises(ValueError, match="exists already"):
        new_task.write(NAME)
