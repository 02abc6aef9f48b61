"""An example of the page of typical mistakes is computed, and shows its mistake or is refused."""

import pytest
import torch

from course.build import catalogue, examples, mistakes_page, new_task, notebook_text, tasks

SAID = {"page.shape": "форма `{shape}`", "page.tensor": "`{value}`, форма `{shape}`"}
SETUP = "Z, dldy = torch.tensor([[1.0, -3.0]]), torch.tensor([[0.5, 2.0]])"


@pytest.fixture
def half(course):
    """The mistake of a new task: a lost factor 2."""
    new_task.write("task-2-unit")
    notebook_text.messages.cache_clear()
    return catalogue._read("wrong.toml", catalogue._mistake)[0]


def test_both_answers_are_computed(half):
    wrong, right = examples.compared(half, SETUP, "Unit().backward(Z, dldy)", SAID)
    assert wrong == "`[[0.5, -6]]`, форма `(1, 2)`"
    assert right == "`[[1, -12]]`, форма `(1, 2)`"


def test_an_example_that_does_not_show_the_mistake_is_refused(half):
    with pytest.raises(ValueError, match="is `9`, форма `\\(\\)` with and without unit-half"):
        examples.compared(half, SETUP, "Unit().forward(Z)[0, 1]", SAID)


def test_statements_without_an_answer_are_refused(half):
    with pytest.raises(ValueError, match="does not end on an expression"):
        examples.compared(half, SETUP, "layer = Unit()", SAID)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([[1.0, -0.0]]), "`[[1, 0]]`, форма `(1, 2)`"),
        (torch.zeros(3, 1).shape, "форма `(3, 1)`"),
        ([1 / 3, 2.0], "`[0.3333, 2]`"),
        (None, "`None`"),
    ],
)
def test_values_are_shown_for_readers(value, text):
    assert examples.shown(value, SAID) == text


@pytest.mark.parametrize("row", ['mistake = "gone"\nrun = "1"', 'mistake = "unit-half"'])
def test_a_row_without_a_mistake_or_an_example_is_refused(half, course, row):
    path = course.tasks / "task-2-unit" / "wrong.toml"
    path.write_text(f"[[typical]]\n{row}\n\n[[entry]]\n" + path.read_text("utf-8").split("[[entry]]\n", 1)[1], "utf-8")
    with pytest.raises(ValueError, match="name an entry, and run or written"):
        catalogue.typical("task-2-unit", [half])


def test_every_notebook_has_ten_and_links_to_them():
    page = mistakes_page.render("ru")
    for name in tasks.names():
        section = page.split(f'<a id="{name}"></a>')[1].split("<a id=")[0]
        assert [f"### {number}. " in section for number in range(1, 12)] == [True] * 10 + [False]
        assert f"typical-mistakes.md#{name}" in notebook_text.render(name)
