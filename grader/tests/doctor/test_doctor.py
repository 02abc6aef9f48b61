"""Each thing that can be missing or mis-set is broken once, and its sentence is read."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from nbgrader_apart.deadlines import due_date
from nbgrader_apart.doctor import checks, trial
from nbgrader_apart.processes import sandbox

CONFIG = """
import nbgrader_apart
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "algebra"
c.Exchange.root = {exchange!r}
nbgrader_apart.use(c, language="ru")
"""


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """A gradebook that knows the assignment, made once."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "algebra") as book:
        book.add_assignment("ps1")
    return path


@pytest.fixture
def graded(tmp_path, monkeypatch, gradebook):
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
    root.chmod(0o700)
    return root


@pytest.fixture
def course(graded, monkeypatch):
    """The same for tests of everything but the trial, which takes seconds."""
    monkeypatch.setattr(trial, "run", lambda *_: None)
    return graded


def configure(course, line):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"{line}\n")


def said(capsys):
    """What the doctor prints, in one line; its verdict is that of main()."""
    well = checks.main()
    printed = " ".join(capsys.readouterr().out.split())
    assert well == ("✗" not in printed)
    return printed


def test_all_is_well(course, capsys):
    assert "Всё в порядке" in said(capsys)


def test_exit_code(course):
    (course.parent / "exchange").rmdir()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "nbgrader_apart", "doctor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Нужно исправить: 1." in done.stdout


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
    assert "впишите в nbgrader_config.py строки import nbgrader_apart и nbgrader_apart.use(c)" in said(capsys)


def test_preprocessors_of_the_courses_own_are_no_fault(course, capsys):
    configure(course, "c.Autograde.autograde_preprocessors += ['nbgrader.preprocessors.LimitOutput']")
    assert "Всё в порядке" in said(capsys)


def test_sandbox_switched_off(course, capsys):
    configure(course, "c.Grading.unsafe_without_sandbox = True")
    assert "Песочница выключена" in said(capsys)


@pytest.mark.parametrize("warm", [True, False])
def test_a_trial_is_graded(graded, capsys, warm):
    configure(graded, f"c.Grading.warm = {warm}")
    assert "Всё в порядке" in said(capsys)


def test_no_bubblewrap(graded, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    sandbox.check.cache_clear()
    printed = said(capsys)
    sandbox.check.cache_clear()
    assert "не установлено: bwrap" in printed
    assert "apt-get install bubblewrap" in printed


def test_a_warm_up_that_fails(graded, capsys):
    configure(graded, "c.Grading.warm_up = 'import no_such_package'")
    assert "не оценивается. Процесс, от которого ответвляются ядра" in (printed := said(capsys))
    assert "No module named 'no_such_package' (c.Grading.warm_up, 1)" in printed


def test_a_shipped_package_that_fails(graded, capsys):
    (graded / "source" / "ps1" / "checks.py").write_text("1 / 0")
    assert "ZeroDivisionError: division by zero (checks.py, 1)" in said(capsys)


def test_a_mirrored_function_that_is_not_there(graded, capsys):
    configure(graded, "c.Grading.tests = 'apart'\nc.Grading.mirrored = ['checks.absent']")
    assert "Процесс проверок не готов: ModuleNotFoundError: No module named 'checks'" in said(capsys)


def test_too_little_memory_for_a_kernel(graded, capsys):
    configure(graded, "c.Grading.memory_mb = 1\nc.Grading.warm = False")
    assert "Ядро тетради не запустилось: " in said(capsys)


def test_a_right_answer_without_its_point_and_a_wrong_one_with(graded, capsys, monkeypatch):
    monkeypatch.setattr(trial, "TEST", "assert twice(21) == 41, 'ой'")
    assert "Пробная тетрадь получила не тот балл: ой" in said(capsys)
    monkeypatch.setattr(trial, "TEST", "twice(21)  # partial credit, more than there is\n1")
    assert "получила не тот балл: неверный ответ принят за верный." in said(capsys)


def test_a_trial_that_ends_in_any_other_way(course, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(trial, "run", full)
    assert "Пробная тетрадь не оценивается. OSError: [Errno 28] No space left on device" in said(capsys)


def test_who_else_can_read_the_course_or_the_gradebook(course, capsys, monkeypatch):
    elsewhere = course.parent / "marks.db"
    shutil.copy(course / "gradebook.db", elsewhere)
    configure(course, f"c.CourseDirectory.db_url = 'sqlite:///{elsewhere}'")
    monkeypatch.setattr(checks, "readers", lambda path: "все" if path == course else "")
    assert f"{course} могут читать все" in (printed := said(capsys))
    assert f"выполните chmod 700 {course}" in printed
    assert "NBGRADER_EXCHANGE" not in printed  # it lies elsewhere
    assert "Всё в порядке" in printed  # grading works all the same
    monkeypatch.setattr(checks, "readers", lambda path: "все" if path == elsewhere else "")
    assert f"выполните chmod 600 {elsewhere}" in said(capsys)
    monkeypatch.setattr(checks, "readers", lambda path: "все" if path == course else "")
    configure(course, f"c.Exchange.root = '{course}/exchange'")
    assert "NBGRADER_EXCHANGE" in said(capsys)


def test_packages(course, capsys):
    (course / "requirements.txt").write_text("# a comment\nnbformat==1.0\nno-such-package>=2\ntyper\n")
    printed = said(capsys)
    assert "(==1.0), no-such-package не установлен: выполните pip install -r requirements.txt." in printed
    assert "typer" not in printed


def test_no_exchange(course, capsys):
    (course.parent / "exchange").rmdir()
    assert f"mkdir -p -m 777 {course.parent}/exchange" in said(capsys)


def test_an_exchange_that_nobody_has_asked_for(course, capsys):
    (course.parent / "exchange").rmdir()
    configure(course, "del c.Exchange.root")
    assert "✗" not in said(capsys)


def test_steps_of_the_courses_own_are_named(course, capsys):
    configure(course, "c.Autograde.autograde_preprocessors += ['my.Step']")
    assert "только nbgrader autograde, но не apart grade: Step" in said(capsys)


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
    assert ("лежит вне корня JupyterLab (/usr)" in (printed := said(capsys))) == (root == "/usr")
    assert "Всё в порядке" in printed  # grading works all the same


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
    assert "nbgrader generate_assignment ps1" in (printed := said(capsys))
    assert "Ошибок нет" in printed
    assert not (course / "gradebook.db").exists()


def test_an_empty_database_is_enough(course, capsys):
    (course / "gradebook.db").write_bytes(b"")
    assert "nbgrader generate_assignment ps1" in (printed := said(capsys))
    assert "Ошибок нет" in printed


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


def set_due(course, time):
    with Gradebook(f"sqlite:///{course}/gradebook.db", "algebra") as book:
        book.update_or_create_assignment("ps1", duedate=time)


def test_a_due_date_that_released_notebooks_do_not_name(course, capsys):
    set_due(course, "2026-12-01T20:59+00:00")
    assert "Тетради для студентов не называют срока" in said(capsys)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        named = due_date.sentence(book.find_assignment("ps1").duedate)
    (course / "release" / "ps1" / "p1.ipynb").write_text(json.dumps(named, ensure_ascii=False), "utf-8")
    assert "Всё в порядке" in said(capsys)
    set_due(course, "2026-12-02T20:59+00:00")
    assert "nbgrader release_assignment ps1 --force" in said(capsys)


def test_a_penalty_without_a_due_date(course, capsys):
    configure(course, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    assert "у задания «ps1» нет срока, и опоздать нельзя" in said(capsys)


@pytest.mark.parametrize(
    "line",
    ["c.AssignLatePenalties.plugin_class = 'no.such'", "c.LateSubmissionPlugin.penalty_method = 'half'"],
)
def test_a_penalty_that_is_none(course, capsys, line):
    configure(course, line)
    assert "Настройка штрафов в nbgrader_config.py не годится" in said(capsys)


def test_a_roster_that_cannot_be_read(course, capsys):
    configure(course, 'c.LmsExporter.roster = "roster.csv"')
    assert "roster.csv не читается" in said(capsys)
    (course / "roster.csv").write_text("student_id,email\nann,ann@example.org\n")
    assert "roster.csv" not in said(capsys)
