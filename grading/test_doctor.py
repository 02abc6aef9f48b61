"""Each thing that can be missing or mis-set is broken once, and its sentence is read."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from grading import doctor
from grading.run import sandbox

CONFIG = """
import grading
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "algebra"
c.Exchange.root = {exchange!r}
grading.use(c)
"""


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """A gradebook that knows the assignment, made once."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "algebra") as book:
        book.add_assignment("ps1")
    return path


@pytest.fixture
def course(tmp_path, monkeypatch, gradebook):
    """A course that is well: source, release, gradebook, exchange; the working directory is in it."""
    root = tmp_path / "course"
    for folder in ("source/ps1", "release/ps1"):
        (root / folder).mkdir(parents=True)
        (root / folder / "p1.ipynb").write_text("{}")
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root), exchange=str(exchange)))
    shutil.copy(gradebook, root)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.chdir(root)
    monkeypatch.setattr(sandbox, "check", lambda: None)
    return root


def configure(course, line):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"{line}\n")


def said(capsys):
    """What the doctor prints, in one line; its verdict is that of main()."""
    well = doctor.main()
    printed = " ".join(capsys.readouterr().out.split())
    assert well == ("✗" not in printed)
    return printed


def test_all_is_well(course, capsys):
    assert "Всё в порядке" in said(capsys)


def test_exit_code(course):
    (course / "gradebook.db").unlink()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "grading", "doctor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "nbgrader generate_assignment ps1" in " ".join(done.stdout.split())


def test_another_folder(course, capsys, monkeypatch):
    monkeypatch.chdir(course.parent)
    assert "перейдите в папку курса" in said(capsys)


def test_a_broken_config(course, capsys):
    configure(course, "c.Exchange.root = nowhere")
    assert "не выполняется (NameError: name 'nowhere' is not defined)" in said(capsys)


def test_no_course_id(course, capsys):
    configure(course, "c.CourseDirectory.course_id = ''")
    assert "У курса нет имени" in said(capsys)


def test_stock_autograding(course, capsys):
    configure(course, "del c.Autograde")
    assert "впишите в nbgrader_config.py строки import grading и grading.use(c)" in said(capsys)


def test_preprocessors_of_the_courses_own_are_no_fault(course, capsys):
    configure(course, "c.Autograde.autograde_preprocessors += ['nbgrader.preprocessors.LimitOutput']")
    assert "Всё в порядке" in said(capsys)


def test_sandbox_switched_off(course, capsys):
    configure(course, "c.Grading.unsafe_without_sandbox = True")
    assert "Песочница выключена" in said(capsys)


def test_no_bubblewrap(course, capsys, monkeypatch):
    monkeypatch.undo()
    monkeypatch.chdir(course)
    monkeypatch.setenv("PATH", "/nonexistent")
    sandbox.check.cache_clear()
    printed = said(capsys)
    sandbox.check.cache_clear()
    assert "bwrap" in printed
    assert "apt-get install bubblewrap util-linux" in printed


def test_packages(course, capsys):
    (course / "requirements.txt").write_text("# a comment\nnbformat==1.0\nno-such-package>=2\ntyper\n")
    printed = said(capsys)
    assert "(==1.0), no-such-package не установлен: выполните pip install -r requirements.txt." in printed
    assert "typer" not in printed


def test_no_exchange(course, capsys):
    (course.parent / "exchange").rmdir()
    assert f"mkdir -p -m 777 {course.parent}/exchange" in said(capsys)


def test_an_exchange_that_learners_cannot_write(course, capsys):
    (course.parent / "exchange").chmod(0o755)
    assert f"chmod 777 {course.parent}/exchange" in said(capsys)


def test_a_server_root_elsewhere(course, capsys, monkeypatch):
    folder = course.parent / "jupyter_config_dir"
    folder.mkdir()
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"root_dir": "/usr"}}))
    assert "лежит вне корня JupyterLab (/usr)" in said(capsys)


@pytest.mark.parametrize("root", ["/usr", ".", "course", "course/build/learner"])
def test_a_running_server(course, capsys, root):
    folder = course.parent / "jupyter_runtime_dir"
    folder.mkdir()
    info = {"pid": os.getpid(), "root_dir": str(course.parent / root)}
    (folder / "jpserver-1.json").write_text(json.dumps(info))
    assert ("лежит вне корня JupyterLab (/usr)" in said(capsys)) == (root == "/usr")


def test_an_unwritable_folder(course, capsys):
    configure(course, "c.CourseDirectory.feedback_directory = '/proc'")
    assert "В папку /proc нельзя писать" in said(capsys)


def test_no_source(course, capsys):
    (course / "source" / "ps1" / "p1.ipynb").unlink()
    assert f"В папке {course}/source нет ни одного задания" in said(capsys)


def test_no_release(course, capsys):
    (course / "release" / "ps1" / "p1.ipynb").unlink()
    assert f"В папке {course}/release/ps1 нет тетрадей" in said(capsys)


def test_no_gradebook(course, capsys):
    (course / "gradebook.db").unlink()
    assert "nbgrader generate_assignment ps1" in said(capsys)
    assert not (course / "gradebook.db").exists()


def test_a_gradebook_of_another_nbgrader(course, capsys):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '50a4d84c131a'")
    assert "схема 50a4d84c131a, нужна" in (printed := said(capsys))
    assert "nbgrader db upgrade" in printed


def test_a_gradebook_that_cannot_be_written(course, capsys):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute(
            "CREATE TRIGGER t BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    assert "не открывается или не пишется (no)" in said(capsys)


def test_a_file_that_is_no_gradebook(course, capsys):
    (course / "gradebook.db").write_text("not a database, but long enough to be looked at" * 9)
    assert "не открывается или не пишется (file is not a database)" in said(capsys)


def test_an_assignment_that_the_gradebook_does_not_know(course, capsys):
    for folder in ("source/ps2", "release/ps2"):
        (course / folder).mkdir()
        (course / folder / "p1.ipynb").write_text("{}")
    assert "нет задания ps2: выполните nbgrader generate_assignment ps2" in said(capsys)
