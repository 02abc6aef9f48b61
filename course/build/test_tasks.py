"""The front matter of a task's text is complete, or the sentence says what is not."""

import pytest

from course.build import tasks

FRONT = {"order": "1", "title": "Первое", "what": "выведем", "difficulty": "★", "minutes": "30"}


def write(course, name, **changed):
    """A text whose front matter is FRONT with some fields changed, or left out where they are None."""
    fields = {field: value for field, value in (FRONT | changed).items() if value is not None}
    lines = [f"{field}: {value}" for field, value in fields.items()]
    (course.tasks / name).mkdir(exist_ok=True)
    (course.tasks / name / "text.md").write_text("\n".join(["---", *lines, "---", "text"]), "utf-8")


def test_tasks_stand_in_the_order_of_their_front_matter(course):
    write(course, "task-1-first", order="3")
    write(course, "task-2-second", order="2")
    assert tasks.names() == ["task-2-second", "task-1-first"]
    assert tasks.front("task-1-first").minutes == 30
    assert tasks.body("task-1-first") == "text"


def test_two_tasks_in_one_place_are_refused(course):
    write(course, "task-1-first")
    write(course, "task-2-second")
    with pytest.raises(ValueError, match="same order"):
        tasks.names()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"minutes": None}, "other fields than order, title"),
        ({"points": "3"}, "other fields than order, title"),
        ({"order": "first"}, "order is no int"),
        ({"title": "1"}, "title is no str"),
        ({"title": "Задание: первое"}, "task-1-first/text.md: mapping values are not allowed"),
    ],
)
def test_front_matter_that_is_not_complete_is_refused(course, changed, sentence):
    write(course, "task-1-first", **changed)
    with pytest.raises(ValueError, match=sentence):
        tasks.front("task-1-first")


@pytest.mark.parametrize("text", ["text", "text\n---\norder: 1\n---\n", "---\norder: 1\ntext"])
def test_a_text_without_front_matter_is_refused(course, text):
    (course.tasks / "task-1-first" / "text.md").write_text(text)
    with pytest.raises(ValueError, match="does not begin with front matter"):
        tasks.front("task-1-first")
