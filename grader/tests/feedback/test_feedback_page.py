"""The page of one notebook: what it says first, what it shows, what never gets into it."""

import base64
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import Mock

import nbformat
import plotly.graph_objects as go
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nbgrader_apart.feedback import lesson as lessons
from nbgrader_apart.feedback import notebook_for_page
from nbgrader_apart.feedback.cell_blocks import Page
from nbgrader_apart.feedback.feedback_page import render
from nbgrader_apart.feedback.figures import drawing
from nbgrader_apart.feedback.notebook_marks import CellMark, Comment, Marks
from nbgrader_apart.messages import text
from nbgrader_apart.model.marks import Mark, NotebookMark, State

HINTS = "<details><summary><b>Подсказка 1</b></summary>\n\nСложите $n$ строк.\n\n</details>\n"
HINTS += "<details><summary><b>Подсказка 2</b></summary>\n\nПочти код.\n\n</details>"
FAILED = "db: форма не та, а нужна (n,).\n    self.db = dldy\nПоможет «Подсказка\n1»."
LIMIT = 1_500_000


def graded(name, **about):
    """nbgrader's metadata of a cell."""
    kind = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**kind, "grade_id": name, **about}}


def check(name, source, title=None, message=None, points=2):
    """A graded cell with the record that grading leaves in it."""
    metadata = graded(name, grade=True, locked=True, points=points)
    metadata["grading"] = {"points": 0 if message else points, "possible": points, "message": message}
    if title:
        metadata["title"] = title
    return new_code_cell(source, id=name, metadata=metadata)


@pytest.fixture
def nb():
    """An autograded notebook: a class, its hints, three checks, the box."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Слой\n\nОдин слой, $y = xw$.", id="head"),
            new_code_cell("class Layer:\n    pass", id="layer", metadata=graded("layer", solution=True)),
            new_markdown_cell(HINTS, id="hints"),
            check("dw", "c.dw(Layer)", "Layer: градиент, dw"),
            check("db", "c.db(Layer)", "Layer: смещение, db", FAILED),
            check("pure", "c.pure(Layer)"),
            new_markdown_cell("Замените `[ ]` на `[x]`.\n\n- [ ] Жду отзыва", id="box",
                              metadata={"tags": ["feedback-request"]}),
        ],
        metadata={"language_info": {"name": "python"}},
    )  # fmt: skip


def mark(score, possible=2, by_hand=False, waiting=False):
    return CellMark(score, possible, 0, by_hand, waiting)


@pytest.fixture
def marks():
    cells = {"dw": mark(2), "db": mark(0), "pure": mark(2)}
    notebooks = NotebookMark("layer", 4, 0, 0, 6), NotebookMark("loop", 1.5, 0, 0, 4)
    whole = Mark("sheet", "ann", "Анна", "Иванова", "", State.FINAL, 10, notebooks)
    return Marks(replace(whole, submitted=datetime(2026, 3, 1, 12, 30)), cells, {})


@pytest.fixture
def page(nb, marks, tmp_path):
    """The page as text; keyword arguments change the marks."""
    nbformat.write(nb, tmp_path / "layer.ipynb")
    known = {"layer": lessons.lesson(tmp_path / "layer.ipynb")}

    def make(notebooks=None, **changed):
        if notebooks:
            changed["whole"] = replace(changed.get("whole", marks.whole), notebooks=notebooks)
        about = replace(marks, **changed)
        (tmp_path / "graded.ipynb").write_text(nbformat.writes(nb), "utf-8")
        return render(
            notebook_for_page.read(tmp_path / "graded.ipynb"),
            about,
            known,
            "layer",
            {"layer.ipynb", "loop.ipynb"},
        )

    return make


def section(shown, name):
    """The text of the section with this heading."""
    return next(part for part in shown.split("<section") if f'id="{name}"' in part)


def words(shown):
    """Text without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def test_the_sum_comes_first(page):
    result = words(section(page(), "result"))
    assert "4 из 6 баллов" in result
    assert "5,5 из 10" in result
    assert "Пройдено проверок: 2 из 3." in result


def test_failed_checks_come_before_passed_ones_with_sentence_hint_and_code(page):
    shown = page()
    assert shown.index('id="check-db"') < shown.index('id="check-dw"')
    failed = section(shown, "failed")
    assert "Layer: смещение, db" in failed
    assert "<p>Форма не та, а нужна (n,).</p>" in failed
    assert "<pre>self.db = dldy</pre>" in failed
    assert "<summary>Подсказка 1</summary>" in failed
    assert "<mi>n</mi>" in failed
    assert "Почти код" not in failed
    assert '<a href="#cell-layer">Layer</a>' in failed
    assert 'id="cell-layer"' in shown


@pytest.mark.parametrize("elsewhere", [None, "class Layer(Base):\n    pass", "Layer = make()"])
def test_an_answer_that_was_not_handed_in_is_said_to_be_missing(nb, page, elsewhere):
    nb.cells[1].source = ""
    nb.cells[4].metadata.grading["message"] = "db: имя Layer не определено"
    if elsewhere:
        nb.cells.insert(2, new_code_cell(elsewhere, id="mine"))
    failed = words(section(page(), "failed"))
    assert ("Ячейки с ответом в сданной тетради нет" in failed) is (elsewhere is None)
    assert ("Layer не определено" in failed) is (elsewhere is not None)


def test_a_check_without_a_title_goes_by_its_name(page):
    assert "pure" in section(page(), "passed")


def test_checks_that_say_the_same_about_one_answer_are_shown_once(nb, marks, page):
    for cell in nb.cells[3:5]:
        cell.metadata.grading = {"message": f"{cell.id}: ещё не сделано.", "points": 0}
    failed = section(page(cells=marks.cells | {"dw": mark(0)}), "failed")
    assert failed.count("Ещё не сделано.") == 1
    assert failed.count("<article") == 1
    assert failed.count("<h3") == 2


def test_what_to_do_next(page, marks):
    assert "Начните с проверки" in section(page(), "next")
    done = {name: mark(2) for name in marks.cells}
    following = section(page(cells=done), "next")
    assert '<a href="loop.html">loop</a>' in following
    everything = NotebookMark("layer", 6, 0, 0, 6), NotebookMark("loop", 4, 0, 0, 4)
    assert "чинить нечего" in section(page(cells=done, notebooks=everything), "next")


def test_a_refused_notebook_says_why_and_what_to_do(nb, page, marks):
    nb.metadata["grading"] = {"refused": "файл «a<b».ipynb» не читается"}
    shown = page(cells={name: mark(0) for name in marks.cells})
    assert "файл «a&lt;b».ipynb» не читается" in section(shown, "result")
    assert "сдайте тетрадь ещё раз" in section(shown, "next")
    assert 'id="failed"' not in shown


def test_a_penalty_is_said(page, marks):
    late = replace(marks.whole, duedate=marks.whole.submitted - timedelta(hours=2, minutes=5))
    notebooks = NotebookMark("layer", 4, 0, 1, 6), NotebookMark("loop", 1.5, 0, 0, 4)
    shown = page(whole=late, notebooks=notebooks)
    assert "на 2 ч 5 мин позже срока: из 4 вычтен штраф 1" in words(section(shown, "result"))
    assert "3 из 6 баллов" in words(section(shown, "result"))
    assert "4,5 из 10" in words(section(shown, "all"))
    assert "на 2 ч 5 мин позже срока, штрафа нет" in page(whole=late)
    assert "срок 1 марта 2026, 10:25 UTC" in page(whole=late)
    extended = replace(late, extension=timedelta(hours=3))
    assert "позже срока" not in page(whole=extended)


def test_extra_credit_is_shown_as_such_and_the_bar_stays_in_its_place(page, marks):
    notebooks = NotebookMark("layer", 7.5, 3.5, 0, 6), NotebookMark("loop", 1.5, 0, 0, 4)
    shown = page(notebooks=notebooks, cells=marks.cells | {"db": replace(mark(0), extra=3.5)})
    assert "width: 100%" in section(shown, "result")
    result = words(section(shown, "result"))
    assert "7,5 из 6 баллов" in result
    assert "9 из 10" in result
    assert "Из них 3,5 преподаватель добавил сверх заданий." in result
    assert "0 из 2 и ещё 3,5 сверх" in words(section(shown, "failed"))
    assert "В том числе сверх заданий 3,5" in words(section(shown, "all"))


def test_comments_are_shown_and_a_persons_first(page):
    shown = page(comments={"layer": Comment("Хорошо, $x$! <script>alert(1)</script>", True)})
    comments = section(shown, "comments")
    assert "Преподаватель" in comments
    assert "Хорошо" in comments
    assert "<script" not in shown
    assert comments.count("<math") == 1


def test_only_the_box_itself_asks_for_feedback(nb, page):
    asked = text("feedback.asked")
    assert asked not in page()
    nb.cells[-1].source = nb.cells[-1].source.replace("- [ ]", "- [x]")
    assert asked in page()


def test_points_given_by_hand_and_cells_that_wait(nb, page, marks):
    shown = page(cells=marks.cells | {"dw": mark(1, by_hand=True), "pure": mark(0, waiting=True)})
    assert "поставил преподаватель" in section(shown, "failed")
    assert "ждёт преподавателя" in section(shown, "passed")
    assert "баллы могут измениться" in section(shown, "result")


def test_a_written_answer_is_shown_with_its_points_and_comment(nb, marks, page):
    about = graded("why", solution=True, grade=True, points=2)
    nb.cells.insert(3, new_markdown_cell("Потому что *так*.", id="why", metadata=about))
    shown = page(
        cells=marks.cells | {"why": mark(1, by_hand=True)}, comments={"why": Comment("Докажите.", True)}
    )
    assert 'id="check-why"' in section(shown, "failed")
    assert text("feedback.no_sentence.by_hand") in section(shown, "failed")
    yours = section(shown, "yours")
    assert "<em>так</em>" in yours
    assert "Докажите." in yours
    assert 'id="cell-why"' in yours


def test_only_tests_are_counted_as_tests_and_advised_on(nb, marks, page):
    about = {
        "essay": graded("essay", solution=True, grade=True),
        "task": graded("task", grade=True, task=True),
    }
    for name, metadata in about.items():
        nb.cells.insert(1, new_markdown_cell("Слова.", id=name, metadata=metadata))
    by_hand = {"essay": mark(1, by_hand=True), "task": mark(0, by_hand=True)}
    shown = page(cells=marks.cells | by_hand)
    assert "Пройдено проверок: 2 из 3." in words(section(shown, "result"))
    assert "Начните с проверки Layer: смещение, db" in words(section(shown, "next"))
    shown = page(cells=marks.cells | by_hand | {"db": mark(2)})
    assert text("feedback.next.by_hand") in section(shown, "next")
    assert section(shown, "failed").count(text("feedback.no_sentence.by_hand")) == 2


def test_the_notebook_is_shown_with_its_figures(nb, page):
    figure = go.Figure(go.Scatter(y=[1, 2, 3], name="потеря")).to_plotly_json()
    data = {"application/vnd.plotly.v1+json": figure, "text/plain": "Figure()"}
    nb.cells[1].outputs = [new_output("display_data", data=data)]
    yours = section(page(), "yours")
    assert 'role="img" aria-label="График' in yours
    assert "Figure()" not in yours
    assert '<span class="nc">Layer</span>' in yours


def test_a_figure_of_the_courses_is_drawn_once_for_all_pages(tmp_path, monkeypatch):
    figure = go.Figure(go.Scatter(y=[3, 1, 2])).to_plotly_json()
    monkeypatch.setattr(drawing, "svg", Mock(return_value="<svg>"))
    path = tmp_path / "part-1.ipynb"
    for order in ({}, {"sort_keys": True}):  # as kernels write, and as nbformat does
        cell = new_code_cell(outputs=[new_output("display_data", data={notebook_for_page.PLOTLY: figure})])
        path.write_text(json.dumps(new_notebook(cells=[cell]), **order))
        [view] = Page(notebook_for_page.read(path), (), ()).cells()
        assert view.outputs[0].body.panels
    drawing.svg.assert_called_once()


def test_a_long_traceback_is_folded_under_its_last_line(nb, page):
    lines = [f"\x1b[31mline {n}\x1b[0m" for n in range(30)]
    nb.cells[1].outputs = [new_output("error", ename="ValueError", evalue="плохо", traceback=lines)]
    shown = page()
    assert "<summary>ValueError: плохо</summary>" in shown
    assert "\x1b" not in shown


def test_the_page_asks_nobody_for_anything_and_runs_nothing(nb, page):
    hostile = "<script>alert(1)</script><img src=//e.org onerror=alert(1)><style>@import '//e.org'</style>"
    data = [
        {mime: hostile} for mime in ("text/html", "text/markdown", "text/latex", "text/plain", "image/png")
    ]
    nb.cells[1].outputs = [new_output("display_data", data=each) for each in data]
    nb.cells[1].outputs.append(new_output("stream", text=hostile))
    nb.cells[1].source = hostile
    nb.cells.append(new_markdown_cell("[x](javascript:alert(1)) ![x](//e.org/x.png)"))
    shown = page()
    assert "<script" not in shown
    assert not re.search(r"<[^>]+\son\w+=", shown)
    assert not re.search(r'(src|href)="(?!data:image/png|#|https://|[\w-]+\.html")', shown)
    assert "default-src 'none'" in shown
    assert shown.count("<style") == 1
    assert "@import" not in shown.split("</style>")[0]


def test_a_page_stays_small_however_many_cells_and_outputs_there_are(nb, page):
    tiny = new_output("display_data", data={"text/plain": "x"})
    nb.cells[1].outputs = [tiny] * 20_000
    nb.cells += [new_code_cell("x") for _ in range(5000)]
    assert len(page().encode()) < LIMIT


def test_a_page_stays_small_whatever_a_learner_prints(nb, page):
    picture = base64.b64encode(bytes(900_000)).decode()
    nb.cells[1].outputs = [
        new_output("stream", text="<" * 3_000_000),
        *(new_output("display_data", data={"image/png": picture}) for _ in range(5)),
        *(new_output("display_data", data={"text/html": "<b>x</b>" * 100_000}) for _ in range(5)),
    ]
    nb.cells[1].source = "x = 1\n" * 200_000
    nb.cells += [new_markdown_cell("*слово* " * 60_000) for _ in range(10)]
    shown = page()
    assert len(shown.encode()) < LIMIT
    assert text("feedback.too_long") in shown
    assert 'id="check-db"' in shown
