"""One submission's pages are its own affair: whatever it holds, the others have theirs, and it is named."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Comment
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from nbgrader_apart.testing import forked
from support import made_up_class

pytestmark = pytest.mark.slow

CONFIG = """
import sys
sys.path[:0] = [{package!r}, {root!r}]
import nbgrader_apart
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "synthetic"
nbgrader_apart.use(c, language="ru")
c.GenerateFeedback.preprocessors = ["faults.Faults", *c.GenerateFeedback.preprocessors]
c.GenerateFeedback.pre_convert_hook = "faults.before"
c.GenerateFeedback.post_convert_hook = "faults.after"
c.Grading.submission_seconds = 10
"""
FAULTS = """
import os, re, time
from pathlib import Path
from nbgrader.preprocessors import NbGraderPreprocessor

class Faults(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["notebook"] == "part-2":
            fault = FAULTS.get(resources["nbgrader"]["student"], lambda: None)
            fault()
        return nb, resources

def meet(mine, theirs):  # waits until the other's page is being made, too
    Path(mine).touch()
    deadline = time.monotonic() + 8
    while not Path(theirs).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)

def before(assignment, student, notebooks):
    Path("before.txt").open("a").write(f"{notebooks}\\n")

def after(assignment, student, notebooks):
    Path("after.txt").open("a").write(f"{notebooks}\\n")

FAULTS = {
    "s0011": lambda: re.match("(a+)+b", "a" * 60),  # no signal handler of Python runs in it
    "s0012": lambda: os.kill(os.getpid(), 11),
    "s0013": lambda: 1 / 0,
    "s0014": lambda: meet("s0014", "s0015"),
    "s0015": lambda: meet("s0015", "s0014"),
}
"""


def pages(room, student):
    """{name: text} of the student's pages."""
    folder = room.root / "feedback" / student / room.assignment
    return {path.stem: path.read_text("utf-8") for path in folder.glob("*.html")}


def feedback(room, *words):
    """(exit code, what was said) of `nbgrader generate_feedback`."""
    done = forked.run(
        room.root, forked.environment(), "nbgrader", "generate_feedback", room.assignment, *words
    )
    return done.returncode, done.stdout + done.stderr


def make(root, sheet, package, students):
    room = made_up_class.make(root, sheet, students)
    (room.root / "nbgrader_config.py").write_text(CONFIG.format(package=str(package), root=str(room.root)))
    (room.root / "faults.py").write_text(FAULTS)
    return room


def graded(room, student):
    return room.root / "autograded" / student / room.assignment


def notebook(cells):
    return json.dumps({"metadata": {}, "cells": cells, "nbformat": 4, "nbformat_minor": 5})


def spoil(room):
    """{student: what must be said of the submission that is spoiled}"""
    odd = {
        "s0001": ('{"cells": [', "испорченный JSON"),
        "s0002": ("[" * 100_000, "слишком глубокая вложенность"),
        "s0003": ("{}", "не то, что бывает в тетради"),
        "s0004": (notebook([{"cell_type": "code", "metadata": {"nbgrader": 1}}]), "не то, что бывает"),
        "s0005": (notebook([{"metadata": {}, "source": ""}] * 20_000), "слишком много ячеек"),
    }
    for student, (content, _) in odd.items():
        (graded(room, student) / "part-1.ipynb").write_text(content)
    said = {student: says for student, (_, says) in odd.items()}
    (graded(room, "s0006") / "part-2.ipynb").unlink()
    said["s0006"] = "нет оценённых тетрадей: part-2"
    (graded(room, "s0007") / "part-1.ipynb").unlink()
    os.mkfifo(graded(room, "s0007") / "part-1.ipynb")
    said["s0007"] = "файл «part-1.ipynb» не читается"
    shutil.rmtree(graded(room, "s0008"))
    graded(room, "s0008").mkdir()
    said["s0008"] = "нет ни одной тетради"
    (graded(room, "s0009") / "data.csv").symlink_to("nowhere")
    said["s0009"] = "FileNotFoundError"
    shutil.rmtree(room.root / "feedback" / "s0010")
    (room.root / "feedback" / "s0010").write_text("a file in the place of the folder")
    said["s0010"] = "NotADirectoryError"
    said |= {"s0011": "Не хватило времени", "s0012": "SIGSEGV", "s0013": "ZeroDivisionError"}
    for name in (b"\xef\xf0\xe8".decode("utf-8", "surrogateescape"), "new\nline"):
        shutil.copytree(graded(room, "s0014"), graded(room, name))
    return said | {"???": "Имя папки", "new?line": "Имя папки"}


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory, sheet, request):
    """(room, what must be said, exit code, what was said) of a class with odd submissions, paged before."""
    room = make(tmp_path_factory.mktemp("class"), sheet, request.config.rootpath, 18)
    config = room.root / "nbgrader_config.py"
    faulty = config.read_text()
    config.write_text(
        faulty + "c.GenerateFeedback.preprocessors = ['nbgrader_apart.feedback.notebook_marks.ReadMarks']\n"
    )
    code, output = feedback(room)
    assert code == 0, output
    config.write_text(faulty)
    (room.root / "before.txt").unlink()
    (room.root / "after.txt").unlink()
    said = spoil(room)
    return room, said, *feedback(room, "--force")


def test_each_odd_submission_is_named_with_its_reason(spoiled):
    _, said, code, output = spoiled
    assert code == 1
    named = [line for line in output.splitlines() if "Отзыв на работу" in line]
    assert len(named) == len(said)
    told = [line.partition(" на работу ")[2].partition(" ")[0] for line in named]
    assert [student for student in told if student.startswith("s")] == [*said][:13]
    for student, says in said.items():
        [line] = [line for line in named if f"Отзыв на работу {student} не составлен" in line]
        assert says in line
    assert f"Работ без нового отзыва: {len(said)}" in output
    assert "Traceback" not in output


def test_the_others_have_their_pages_and_nothing_is_left_of_the_odd_ones(spoiled):
    room, said, *_ = spoiled
    for number in range(1, 18):
        student = f"s{number:04}"
        assert set(pages(room, student)) == (set() if student in said else {"part-1", "part-2"})
    assert not list(room.root.glob("feedback/*/.*"))


def test_the_courses_own_hooks_are_told_which_notebooks(spoiled):
    room, said, *_ = spoiled
    whole = {f"s{number:04}" for number in range(1, 18)} - set(said)
    told = {kind: hooks(room, kind) for kind in ("before", "after")}
    assert whole < told["before"].keys()
    assert whole == told["after"].keys()
    assert {tuple(names) for names in told["after"].values()} == {("part-1.ipynb", "part-2.ipynb")}


def hooks(room, kind):
    """{student: names} of the notebooks that the hook has been told of since the class was spoiled."""
    lines = (room.root / f"{kind}.txt").read_text().splitlines()
    paths = [[Path(path) for path in ast.literal_eval(line)] for line in lines]
    assert all(len({path.parts[-3] for path in told}) == 1 for told in paths)
    return {told[0].parts[-3]: [path.name for path in told] for told in paths}


def test_the_formgraders_button_says_the_same(spoiled):
    room, said, *_ = spoiled
    config = PyFileConfigLoader("nbgrader_config.py", path=str(room.root)).load_config()
    api = NbGraderAPI(config=config)
    answer = api.generate_feedback(room.assignment, "s0001", force=True)
    assert not answer["success"]
    assert said["s0001"] in answer["log"]
    assert api.generate_feedback(room.assignment, "s0014", force=True)["success"]
    assert len(pages(room, "s0014")) == 2


def test_pages_are_written_anew_where_something_on_them_has_changed(tmp_path, sheet, request):
    room = make(tmp_path, sheet, request.config.rootpath, 8)
    assert feedback(room)[0] == 0
    code, output = feedback(room)
    assert (code, "составлено 0, без изменений 7" in output) == (0, True), output
    times = written(room)
    change(room)
    shutil.rmtree(graded(room, "s0007"))
    code, output = feedback(room)
    assert code == 1
    assert "составлено 4, без изменений 2" in output
    assert "Отзыв на работу s0007 — от прежней оценки" in output
    after = written(room)
    anew = {student for student in times if after[student] != times[student]}
    assert anew == {"s0001", "s0002", "s0003", "s0005"}  # s0004's came out as they were
    assert "Хорошая мысль" in pages(room, "s0002")["part-1"]
    assert "позже срока" not in pages(room, "s0001")["part-1"]
    assert "составлено 0, без изменений 6" in feedback(room)[1]


def change(room):
    """An extension, a comment, a mark by hand, a notebook that shows the same, a page that is gone."""
    with room.gradebook() as gradebook:
        gradebook.grant_extension(room.assignment, "s0001", weeks=9)
        submission = gradebook.find_submission(room.assignment, "s0003")
        submission.notebooks[0].grades[0].manual_score = 3.5
        cell = gradebook.find_grade_cell("a", "part-1", room.assignment)
        notebook = gradebook.find_submission_notebook("part-1", room.assignment, "s0002")
        gradebook.db.add(Comment(cell_id=cell.id, notebook_id=notebook.id, manual_comment="Хорошая мысль"))
        gradebook.db.commit()
    path = graded(room, "s0004") / "part-2.ipynb"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    (room.root / "feedback" / "s0005" / room.assignment / "part-1.html").unlink()


def written(room):
    """{student: when the first page was written}"""
    paths = room.root.glob(f"feedback/*/{room.assignment}/part-2.html")
    return {path.parts[-3]: path.stat().st_mtime_ns for path in paths}


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)])
def test_a_signal_ends_it_with_one_sentence_and_finished_pages_stay(tmp_path, sheet, request, number):
    room = make(tmp_path / "class", sheet, request.config.rootpath, 12)  # the last one's never end
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "generate_feedback", room.assignment], cwd=room.root, text=True,
        env=forked.environment() | {"TMPDIR": str(tmp_path / "tmp")}, process_group=0,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        while not ((room.root / "feedback/s0011").exists() and len(pages(room, "s0010")) == 2):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, number)  # to all of them, as a terminal does
        said = process.stdout.read()
    assert process.returncode == 128 + number, said
    assert said.count("Прервано. Составленные отзывы сохранены") == 1
    assert "Traceback" not in said
    assert not psutil.wait_procs(family, timeout=5)[1]
    assert not list((tmp_path / "tmp").iterdir())
    assert not list(room.root.glob("feedback/*/.*"))
    assert {student: len(pages(room, student)) for student in ("s0001", "s0011")} == {"s0001": 2, "s0011": 0}


def test_what_a_killed_run_left_is_made_anew(tmp_path, sheet, request):
    room = make(tmp_path, sheet, request.config.rootpath, 2)
    half = room.root / "feedback" / "s0001" / f".{room.assignment}.new"
    half.mkdir(parents=True)
    (half / "part-1.html").write_text("half a page")
    assert feedback(room)[0] == 0
    assert not half.exists()
    assert all(page.endswith("</html>") for page in pages(room, "s0001").values())


@pytest.mark.nightly
def test_pages_that_were_not_asked_for_stay(tmp_path, sheet, request):
    room = make(tmp_path, sheet, request.config.rootpath, 2)
    assert feedback(room)[0] == 0
    folder = room.root / "feedback" / "s0001" / room.assignment
    (folder / "part-2.html").write_text("old")
    (folder / "part-1.html").write_text("old")
    assert feedback(room, "--force", "--notebook", "part-1")[0] == 0
    assert pages(room, "s0001")["part-2"] == "old"
    assert pages(room, "s0001")["part-1"] != "old"
    (graded(room, "s0001") / "part-1.ipynb").write_text("{")
    assert feedback(room, "--force", "--notebook", "part-1")[0] == 1
    assert set(pages(room, "s0001")) == {"part-2"}


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda room: (room.root / "source" / "sheet" / "part-1.ipynb").write_text("{"), "Исходные тетради"),
        pytest.param(
            lambda room: (room.root / "gradebook.db").write_text("nonsense" * 999),
            "file is not a database",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            lambda room: (room.root / "gradebook.db").unlink(),
            "не знает задания «sheet»",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_a_fault_of_the_course_is_said_once_and_older_pages_stay(tmp_path, sheet, request, break_it, says):
    room = make(tmp_path, sheet, request.config.rootpath, 3)
    code, output = feedback(room)
    assert code == 0, output
    break_it(room)
    code, output = feedback(room, "--force")
    assert code == 1
    assert output.count(says) == 1
    assert "Traceback" not in output
    assert len(pages(room, "s0001")) == len(pages(room, "s0002")) == 2
