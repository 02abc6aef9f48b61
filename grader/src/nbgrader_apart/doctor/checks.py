"""`apart doctor`: what is missing or misconfigured in the course's setup, and how to fix it.

A check is a function that takes the Setup and returns nothing when all is well. It raises Fault when not,
SetupWarning when grading works all the same, NextStep when it will once a command has been given.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from jupyter_server.serverapp import ServerApp, list_running_servers
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.exchange.default import Exchange
from nbgrader.plugins import LateSubmissionPlugin
from rich.console import Console
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from nbgrader_apart import use
from nbgrader_apart.deadlines import due_date
from nbgrader_apart.doctor import trial
from nbgrader_apart.doctor.privacy import readers
from nbgrader_apart.export.lms import LmsExporter
from nbgrader_apart.export.roster import read as read_roster
from nbgrader_apart.export.written_files import ExportError
from nbgrader_apart.messages import language
from nbgrader_apart.messages import text as sentence
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError
from nbgrader_apart.model.course import load as configured
from nbgrader_apart.model.late_penalties import LatePenalties
from nbgrader_apart.model.requirements import wrong
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.own_steps import only_nbgraders
from nbgrader_apart.processes.failed import ProcessFailed, words
from nbgrader_apart.processes.sandbox import SandboxUnavailable

CONFIG = "nbgrader_config.py"
WORLD_WRITABLE = 0o007  # anybody may list, enter and write
STEPS = ("release", "submitted", "autograded", "feedback")


class Fault(CourseError):
    """One sentence: what is wrong and how to fix it."""

    mark = "[red]✗[/red]"

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(sentence(f"doctor.{key}", **values))


class SetupWarning(Fault):
    """One sentence: what may be unintended."""

    mark = "[yellow]![/yellow]"


class NextStep(Fault):
    """One sentence: the command that comes next."""

    mark = "[blue]→[/blue]"


@dataclass(frozen=True)
class Setup:
    """The course as nbgrader's own settings describe it."""

    config: Config
    course: CourseDirectory

    @property
    def root(self) -> Path:
        return Path(self.course.root)

    def folder(self, step: str, assignment: str = ".") -> Path:
        """The folder of a step ("source", "release", ...) for one assignment, or for all of them."""
        path = self.course.format_path(getattr(self.course, f"{step}_directory"), ".", assignment)
        return Path(os.path.normpath(path))

    def assignments(self) -> list[str]:
        """Names of the folders in source/ that hold notebooks."""
        return sorted({path.parent.name for path in self.folder("source").glob("*/*.ipynb")})


def main() -> bool:
    """Examine the course of the working directory and print what was found; whether all is well."""
    console = Console(highlight=False)
    try:
        setup = load()
    except CourseError as fault:
        _report(console, "config", fault)
        return False
    console.print(sentence("doctor.course", course=setup.course.course_id or "—", root=setup.root))
    _report(console, "config")
    found: list[type[Fault]] = []
    for check in CHECKS:
        try:
            check(setup)
        except Fault as fault:
            found.append(type(fault))
            _report(console, check.__name__, fault)
        else:
            _report(console, check.__name__)
    if faults := found.count(Fault):
        console.print(sentence("doctor.faults", count=faults))
    else:
        console.print(sentence("doctor.next" if NextStep in found else "doctor.well"))
    return not faults


def _report(console: Console, name: str, fault: CourseError | None = None) -> None:
    mark = getattr(fault, "mark", "[red]✗[/red]" if fault else "[green]✓[/green]")
    console.print(f"{mark} {sentence(f'doctor.title.{name}')}")
    if fault:
        console.print(f"  {fault}", markup=False, soft_wrap=True)  # a command must not be broken in two


def load() -> Setup:
    """The Setup of the course in the working directory. Raises CourseError."""
    if not Path(CONFIG).is_file():
        raise Fault("no_config", folder=Path.cwd())
    app = configured()
    return Setup(app.config, CourseDirectory(config=app.config))


def course_id(setup: Setup) -> None:
    """The course has a name."""
    if not setup.course.course_id:
        raise Fault("no_course_id")


def grading(setup: Setup) -> None:
    """The settings of nbgrader_apart.use are in force, and the sandbox is not switched off."""
    ours = Config()
    use(ours, language())  # it is spoken from then on
    for name, value in ours.Autograde.items():
        actual = setup.config.Autograde.get(name, [])
        if value != actual and not (isinstance(value, list) and set(value) <= set(actual)):
            raise Fault("not_used")
    if Grading(config=setup.config).unsafe_without_sandbox:
        raise Fault("unsafe")
    if steps := only_nbgraders(setup.config):
        raise SetupWarning("own_steps", names=", ".join(steps))


def trial_notebook(setup: Setup) -> None:
    """A right and a wrong answer get the right marks, with the files of each assignment beside them."""
    folders = [setup.folder("source", name) for name in setup.assignments()]
    try:
        for folder in folders:
            trial.run(folder, Grading(config=setup.config))
    except (SandboxUnavailable, ProcessFailed) as error:
        raise Fault("trial_failed", reason=error) from error
    except trial.WrongMark as error:
        raise Fault("trial_mark", reason=str(error) or sentence("doctor.trial_passed")) from error
    except Exception as error:  # whatever it is, grading would fail the same way
        raise Fault("trial_failed", reason=words(error)) from error


def packages(setup: Setup) -> None:
    """The installed packages are those that requirements*.txt name."""
    files = sorted(setup.root.glob("requirements*.txt"))
    problems = [problem for path in files for problem in wrong(path)]
    if problems:
        named = " ".join(f"-r {path.name}" for path in files)
        raise Fault("packages", wrong=", ".join(problems), files=named)


def exchange(setup: Setup) -> None:
    """Releases can be published to the exchange and submissions collected from it."""
    root = Path(Exchange(config=setup.config).root)
    if not root.is_dir():
        chosen = "root" in setup.config.Exchange  # else it is nbgrader's own, that few courses know of
        raise (Fault if chosen else SetupWarning)("no_exchange", folder=root)
    if root.stat().st_mode & WORLD_WRITABLE != WORLD_WRITABLE:
        raise Fault("closed_exchange", folder=root)


def server(setup: Setup) -> None:
    """JupyterLab, whose formgrader opens the course, can see its folder."""
    app = ServerApp()
    app.load_config_file()
    course = setup.root.resolve()
    running = [Path(info["root_dir"]).resolve() for info in list_running_servers()]
    # A server inside the course shows an instructor what learners see: its formgrader is not used.
    roots = [root for root in running if root == course or not root.is_relative_to(course)]
    roots = roots or [Path(app.config.ServerApp.get("root_dir", ".")).resolve()]
    if not any(course.is_relative_to(root) for root in roots):
        raise SetupWarning("outside_server", folder=course, roots=", ".join(map(str, roots)))


def folders(setup: Setup) -> None:
    """The folders that nbgrader writes to are writable."""
    for step in STEPS:
        folder = setup.folder(step)
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=existing):
                pass
        except OSError as error:
            raise Fault("unwritable", folder=existing, reason=error.strerror) from error


def assignments(setup: Setup) -> None:
    """There are sources, and they have been released."""
    if not setup.assignments():
        raise Fault("no_source", folder=setup.folder("source"))
    for name in setup.assignments():
        if not any(setup.folder("release", name).glob("*.ipynb")):
            raise NextStep("no_release", folder=setup.folder("release", name), assignment=name)


def gradebook(setup: Setup) -> None:
    """There is a writable gradebook of nbgrader's schema, and the assignments are in it."""
    url = make_url(setup.course.db_url)
    shown = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    names = setup.assignments() or ["…"]
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NextStep("no_gradebook", database=shown, assignment=names[0])
    expected = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            if not inspect(connection).get_table_names():  # an empty database is enough
                raise NextStep("no_gradebook", database=shown, assignment=names[0])
            if found != expected:
                raise Fault("old_gradebook", database=shown, found=found or "—", expected=expected)
            # Changes nothing, but needs the right to write.
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            connection.rollback()
        with Gradebook(setup.course.db_url, setup.course.course_id) as book:
            for name in setup.assignments():
                book.find_assignment(name)
    except MissingEntry as error:
        raise NextStep("unknown_assignment", database=shown, assignment=name) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise Fault("bad_gradebook", database=shown, reason=reason) from error
    finally:
        engine.dispose()


def due_dates(setup: Setup) -> None:
    """Whoever may be late can know it: penalties have a due date, and released notebooks name it."""
    try:
        penalties = LatePenalties(setup.config).plugin
    except CourseError as error:
        raise Fault("bad_penalty", reason=error) from error
    free = type(penalties) is LateSubmissionPlugin and penalties.penalty_method == "none"
    try:
        gradebook(setup)
    except Fault:
        return  # there is nothing to read it from, as has been said
    with Gradebook(setup.course.db_url, setup.course.course_id) as book:
        for name in setup.assignments():
            due = marks.due_date(book, name)
            if due is None and not free:
                raise SetupWarning("no_due_date", assignment=name)
            released = setup.folder("release", name).glob("*.ipynb")
            if due and any(due_date.sentence(due) not in path.read_text("utf-8") for path in released):
                raise NextStep("header", assignment=name, time=due_date.local(due))


def privacy(setup: Setup) -> None:
    """Solutions, hidden tests and marks are readable by nobody else."""
    book = make_url(setup.course.db_url)
    paths = [setup.root, setup.folder("source"), setup.folder("submitted")]
    if book.get_backend_name() == "sqlite" and book.database:
        paths.append(Path(book.database))
    inside = Path(Exchange(config=setup.config).root).is_relative_to(setup.root)
    for path in paths:
        if path.exists() and (who := readers(path)):
            advice = sentence("doctor.exchange_inside") if inside and path == setup.root else ""
            mode = "700" if path.is_dir() else "600"
            raise SetupWarning("readable", path=path, who=who, mode=mode, advice=advice)


def roster(setup: Setup) -> None:
    """The roster that says who is who in Moodle or Canvas, if there is one, can be read."""
    if named := LmsExporter(config=setup.config).roster:
        try:
            read_roster(setup.root / named)
        except ExportError as error:
            raise Fault("bad_roster", reason=error) from error


CHECKS = (
    course_id, grading, packages, trial_notebook, exchange, server, folders, assignments, gradebook,
    due_dates, roster, privacy,
)  # fmt: skip
