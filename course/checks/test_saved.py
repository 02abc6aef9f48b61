"""What is read from the learner's saved notebooks: classes carried over, and where the learner stands."""

import nbformat
import pytest
from checks import carrying, overview
from checks.outcome import CheckFailed

NEURON = "class Neuron:\n    def forward(self, inputs):\n        return inputs"
STUB = "class Neuron:\n    def forward(self, inputs):\n        raise NotImplementedError  # ВАШ КОД"
LOSS = "class MSELoss:\n    pass"
UNSOLVED = "class MSELoss:\n    def forward(self):\n        raise NotImplementedError"


@pytest.fixture
def save(tmp_path, monkeypatch):
    """Writes a notebook: save(name, *cells); the test works in its folder."""
    monkeypatch.chdir(tmp_path)

    def write(name, *cells):
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), f"{name}.ipynb")

    return write


def solution(source):
    """A cell that the learner fills in."""
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"solution": True, "grade": False}})


def graded(title, *outputs, points=2, run=True):
    """A graded cell with the outputs that it was saved with."""
    metadata = {"title": title, "nbgrader": {"solution": False, "grade": True, "points": points}}
    return nbformat.v4.new_code_cell(
        "assert checks", metadata=metadata, outputs=list(outputs), execution_count=1 if run else None
    )


def failure(name, mark="✗"):
    return nbformat.v4.new_output("error", ename=name, evalue="", traceback=[f"\x1b[31m{mark}\x1b[0m dw: …"])


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("checks.bring('x')", f"{LOSS}\n\n\n{NEURON}\n"),
        ("checks.bring('x')  # here", f"{LOSS}\n\n\n{NEURON}\n"),
        (f"import torch\nchecks.bring('x')\n\n\n{STUB}", f"import torch\n\n\n{LOSS}\n\n\n{NEURON}\n"),
        (f"{STUB}\n\n\nchecks.bring('x')", f"{LOSS}\n\n\n{NEURON}\n"),
        (
            "class ReLU:\n    pass\n\n\nchecks.bring('x')\nlast = 1",
            f"class ReLU:\n    pass\n\n\n{LOSS}\n\n\n{NEURON}\n\n\nlast = 1\n",
        ),
    ],
    ids=["alone", "with a comment", "above a stub", "under a stub", "between others"],
)
def test_classes_stand_where_they_were_asked_for(cell, after):
    assert carrying.filled(cell, {"MSELoss": LOSS, "Neuron": NEURON}) == after


@pytest.fixture
def run(shell):
    """Runs a cell in IPython: what its text becomes, None when it stays."""

    def run(cell):
        shell.rl_next_input = None
        shell.run_cell(cell, store_history=True)
        return shell.rl_next_input

    return run


def test_a_cell_becomes_the_classes_of_another_notebook(run, save, capsys):
    save("task-1-neuron-batch", solution(UNSOLVED), solution(f"{NEURON}\n\nneuron = Neuron()"))
    save("task-2-minibatch")
    after = run("import checks\nchecks.bring('task-1-neuron-batch')")
    assert after == f"import checks\n\n\n{NEURON}\n"
    said = capsys.readouterr().out
    assert "в эту ячейку: Neuron." in said
    assert "не перенесено: MSELoss" in said


def test_the_gap_has_to_go_first(run, save, capsys):
    save("seminar-1-neuron", solution(NEURON))
    after = run("import checks\nchecks.bring('seminar-1-neuron')\nraise NotImplementedError  # ВАШ КОД")
    assert after is None
    assert "сначала сотрите" in capsys.readouterr().out


def test_a_function_is_brought_when_it_is_asked_for(run, save):
    save(
        "seminar-1-neuron",
        solution(NEURON),
        solution("def slope():\n    return 1\n\n\ndef other():\n    pass"),
    )
    after = run("import checks\nchecks.bring('seminar-1-neuron', 'slope')")
    assert after == "import checks\n\n\ndef slope():\n    return 1\n"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([solution(UNSOLVED)], "нет готового решения (в ней нашлось: MSELoss)"),
        ([nbformat.v4.new_code_cell(NEURON)], "нет готового решения (в ней нашлось: —)"),
        ([solution("class Neuron:\n    def")], "синтаксическая ошибка в строке 2"),
    ],
    ids=["unsolved", "no solution", "a slip"],
)
def test_what_cannot_be_brought_is_said(save, cells, reason):
    save("task-1-neuron-batch", *cells)
    with pytest.raises(CheckFailed) as caught:
        carrying.bring("task-1-neuron-batch")
    assert reason in " ".join(str(caught.value).split())


def test_a_notebook_that_is_not_there_is_said_with_those_that_are(save):
    save("task-2-minibatch")
    with pytest.raises(
        CheckFailed, match=r"нет тетради task-1-neuron\.ipynb\. Здесь\s+лежат: task-2-minibatch"
    ):
        carrying.bring("task-1-neuron")


def test_progress_says_what_is_passed_open_and_not_begun(save, capsys):
    heading = nbformat.v4.new_markdown_cell("# Семинар 1. Нейрон\n\nтекст")
    save("seminar-1-neuron", heading, graded("Neuron: dw"), graded("Neuron: db", points=3))
    save(
        "task-1-neuron-batch",
        nbformat.v4.new_markdown_cell("# Задание 1"),
        graded("Neuron: dw"),
        graded("Neuron: db", failure("CheckFailed")),
        graded("Neuron: step", failure("CheckFailed", "○")),
        graded("Neuron: forward", failure("NameError")),
        graded("Neuron: pure", run=False),
    )
    overview.progress()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["Семинар", "1.", "Нейрон", "2", "5", "/", "5"] in lines
    assert ["Задание", "1", "1", "1", "3", "2", "/", "10"] in lines
    assert " ".join(lines[4]) == "Дальше: Задание 1. Осталось проверок: 4, первая — «Neuron: db»."


def test_progress_ends_with_the_work_handed_in(save, capsys):
    save("seminar-1-neuron", graded("Neuron: dw"))
    overview.progress()
    assert "Все проверки пройдены" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 3, "nbformat": 4}', "\udcff"])
def test_a_broken_notebook_is_named_and_the_others_are_shown(save, tmp_path, capsys, content):
    (tmp_path / "task-1-neuron-batch.ipynb").write_bytes(content.encode("utf-8", "surrogateescape"))
    save("task-2-minibatch", graded("dw"))
    overview.progress()
    said = " ".join(capsys.readouterr().out.split())
    assert "task-2-minibatch 1 2 / 2" in said
    assert "тетрадь task-1-neuron-batch.ipynb не читается" in said


def test_progress_links_each_notebook_and_escapes_its_title(save):
    save("task-1-a", nbformat.v4.new_markdown_cell("# <script>"), graded("dw", run=False))
    page = overview.Overview([overview.standing("task-1-a")]).html()
    assert '<a href="task-1-a.ipynb">&lt;script&gt;</a>' in page
    assert "<script>" not in page


def test_progress_in_another_folder_says_so(save):
    with pytest.raises(CheckFailed, match="нет тетрадей курса"):
        overview.progress()
