"""What is stale is found, and only that is executed."""

import shutil

import pytest

from course.build import notebook_text, source_notebooks

TASK, OTHER = "task-1-first", "task-2-other"


@pytest.fixture
def executed(course, monkeypatch):
    """The names of the notebooks that are executed from now on; source/ has been written once."""
    shutil.copytree(course.tasks / TASK, course.tasks / OTHER)
    change(course.tasks / OTHER / "text.md", "order: 0", "order: 1")
    found = []

    def execute(name, edition, folder):
        found.append(name)
        return notebook_text.build(name, edition.language)

    monkeypatch.setattr(source_notebooks, "_execute", execute)
    assert sorted(source_notebooks.write(course.edition)) == [TASK, OTHER]
    found.clear()
    return found


def change(path, before, after):
    """Replace `before`, which stands in the file, by `after`."""
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_a_build_of_unchanged_notebooks_executes_nothing(course, executed):
    assert source_notebooks.stale(course.edition) == []
    assert source_notebooks.write(course.edition) == executed == []


def test_a_changed_text_makes_its_notebook_stale_and_no_other(course, executed):
    change(course.tasks / OTHER / "text.md", "Что считаем", "Что делаем")
    assert source_notebooks.stale(course.edition) == [f"{OTHER}.ipynb"]
    assert source_notebooks.write(course.edition) == executed == [OTHER]
    assert source_notebooks.stale(course.edition) == []


def test_a_changed_check_executes_all(course, executed):
    change(course.checks / "cases.py", "LARGEST = ", "# larger\nLARGEST = ")
    assert source_notebooks.stale(course.edition) == ["checks/cases.py"]
    assert sorted(source_notebooks.write(course.edition)) == [TASK, OTHER]


def test_a_named_notebook_is_executed_alone(course, executed):
    change(course.checks / "cases.py", "LARGEST = ", "# larger\nLARGEST = ")
    assert source_notebooks.write(course.edition, [TASK]) == executed == [TASK]
    assert source_notebooks.stale(course.edition) == []


def test_a_notebook_changed_by_hand_is_stale(course, executed):
    change(course.edition.source / f"{TASK}.ipynb", "Что считаем", "Что делаем")
    assert source_notebooks.stale(course.edition) == [f"{TASK}.ipynb"]


def test_what_no_text_stands_behind_is_stale_and_goes(course, executed):
    shutil.copy(course.edition.source / f"{TASK}.ipynb", course.edition.source / "task-9-gone.ipynb")
    (course.edition.source / "checks" / "gone.py").touch()
    assert source_notebooks.stale(course.edition) == ["task-9-gone.ipynb", "checks/gone.py"]
    source_notebooks.write(course.edition, [TASK])
    assert source_notebooks.stale(course.edition) == []


def test_an_unknown_name_is_refused(course, executed):
    with pytest.raises(ValueError, match="course/tasks has no task-9-gone"):
        source_notebooks.write(course.edition, ["task-9-gone"])


def test_a_solution_that_fails_leaves_source_as_it_was(course, executed, monkeypatch):
    def fail(name, edition, folder):
        raise RuntimeError(name)

    before = sorted(course.edition.source.rglob("*"))
    change(course.tasks / OTHER / "text.md", "Что считаем", "Что делаем")
    monkeypatch.setattr(source_notebooks, "_execute", fail)
    with pytest.raises(RuntimeError, match=OTHER):
        source_notebooks.write(course.edition)
    assert sorted(course.edition.source.rglob("*")) == before
    assert source_notebooks.stale(course.edition) == [f"{OTHER}.ipynb"]


def test_tests_of_the_checks_are_not_shipped(course, executed):
    assert not list((course.edition.source / "checks").glob("test_*"))
    assert (course.edition.source / "checks" / "topic.py").exists()
