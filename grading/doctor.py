"""`python -m grading doctor`: what of the course's set-up is missing or mis-set, and how to mend it.

A check is a function that takes the set-up and returns nothing when all is well. Raises Fault when not.
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
from rich.console import Console
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from . import use
from .course import CourseError
from .course import load as configured
from .messages import text as sentence
from .packages import wrong
from .run import sandbox
from .settings import Grading

CONFIG = "nbgrader_config.py"
WORLD_WRITABLE = 0o007  # everybody may list, enter and write
STEPS = ("release", "submitted", "autograded", "feedback")


class Fault(CourseError):
    """One sentence: what is wrong and how to mend it."""

    def __init__(self, key, **values):
        super().__init__(sentence(f"doctor.{key}", **values))


@dataclass(frozen=True)
class Setup:
    """The course as nbgrader's own settings describe it."""

    config: Config
    course: CourseDirectory

    @property
    def root(self):
        return Path(self.course.root)

    def folder(self, step, assignment="."):
        """The folder of a step ("source", "release", ...) for one assignment, or for all of them."""
        path = self.course.format_path(getattr(self.course, f"{step}_directory"), ".", assignment)
        return Path(os.path.normpath(path))

    def assignments(self):
        """Names of the folders in source/ that hold notebooks."""
        return sorted({path.parent.name for path in self.folder("source").glob("*/*.ipynb")})


def main():
    """Examine the course of the working directory and print what was found; whether all is well."""
    console = Console(highlight=False)
    try:
        setup = load()
    except CourseError as fault:
        _report(console, "config", fault)
        return False
    console.print(sentence("doctor.course", course=setup.course.course_id or "—", root=setup.root))
    _report(console, "config")
    faults = 0
    for check in CHECKS:
        try:
            check(setup)
        except Fault as fault:
            faults += 1
            _report(console, check.__name__, fault)
        else:
            _report(console, check.__name__)
    console.print(sentence("doctor.faults", count=faults) if faults else sentence("doctor.well"))
    return not faults


def _report(console, name, fault=None):
    mark = "[red]✗[/red]" if fault else "[green]✓[/green]"
    console.print(f"{mark} {sentence(f'doctor.title.{name}')}")
    if fault:
        console.print(f"  {fault}", markup=False, soft_wrap=True)  # a command must not be broken in two


def load():
    """The set-up of the course in the working directory. Raises CourseError."""
    if not Path(CONFIG).is_file():
        raise Fault("no_config", folder=Path.cwd())
    app = configured()
    return Setup(app.config, CourseDirectory(config=app.config))


def course_id(setup):
    """The course has a name."""
    if not setup.course.course_id:
        raise Fault("no_course_id")


def grading(setup):
    """Nbgrader's lists lead to this package, and the sandbox is not switched off."""
    ours = Config()
    use(ours)
    for name, value in ours.Autograde.items():
        actual = setup.config.Autograde.get(name, [])
        if value != actual and not (isinstance(value, list) and set(value) <= set(actual)):
            raise Fault("not_used")
    if Grading(config=setup.config).unsafe_without_sandbox:
        raise Fault("unsafe")


def bubblewrap(setup):
    """Learners' code can be confined."""
    try:
        sandbox.check()
    except sandbox.SandboxUnavailable as error:
        reason = str(error).removeprefix(sandbox.INSTALL).strip(" ().[]'")
        raise Fault("no_sandbox", reason=reason) from error


def packages(setup):
    """What is installed is what requirements*.txt name."""
    files = sorted(setup.root.glob("requirements*.txt"))
    problems = [problem for path in files for problem in wrong(path)]
    if problems:
        named = " ".join(f"-r {path.name}" for path in files)
        raise Fault("packages", wrong=", ".join(problems), files=named)


def exchange(setup):
    """Releases can go out and submissions come in."""
    root = Path(Exchange(config=setup.config).root)
    if not root.is_dir():
        raise Fault("no_exchange", folder=root)
    if root.stat().st_mode & WORLD_WRITABLE != WORLD_WRITABLE:
        raise Fault("closed_exchange", folder=root)


def server(setup):
    """JupyterLab, whose formgrader opens the course, can see its folder."""
    app = ServerApp()
    app.load_config_file()
    course = setup.root.resolve()
    running = [Path(info["root_dir"]).resolve() for info in list_running_servers()]
    # A server inside the course shows an instructor what learners see: its formgrader is not used.
    roots = [root for root in running if root == course or not root.is_relative_to(course)]
    roots = roots or [Path(app.config.ServerApp.get("root_dir", ".")).resolve()]
    if not any(course.is_relative_to(root) for root in roots):
        raise Fault("outside_server", folder=course, roots=", ".join(map(str, roots)))


def folders(setup):
    """The folders that nbgrader writes can be written."""
    for step in STEPS:
        folder = setup.folder(step)
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=existing):
                pass
        except OSError as error:
            raise Fault("unwritable", folder=existing, reason=error.strerror) from error


def assignments(setup):
    """There are sources, and they have been released."""
    if not setup.assignments():
        raise Fault("no_source", folder=setup.folder("source"))
    for name in setup.assignments():
        if not any(setup.folder("release", name).glob("*.ipynb")):
            raise Fault("no_release", folder=setup.folder("release", name), assignment=name)


def gradebook(setup):
    """There is a gradebook of nbgrader's schema, it can be written and it knows the assignments."""
    url = make_url(setup.course.db_url)
    shown = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    names = setup.assignments() or ["…"]
    if url.get_backend_name() == "sqlite" and not Path(url.database).is_file():
        raise Fault("no_gradebook", database=shown, assignment=names[0])
    expected = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            if found != expected:
                raise Fault("old_gradebook", database=shown, found=found or "—", expected=expected)
            # Changes nothing, but needs the right to write.
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            connection.rollback()
        with Gradebook(setup.course.db_url, setup.course.course_id) as book:
            for name in setup.assignments():
                book.find_assignment(name)
    except MissingEntry as error:
        raise Fault("unknown_assignment", database=shown, assignment=name) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise Fault("bad_gradebook", database=shown, reason=reason) from error
    finally:
        engine.dispose()


CHECKS = (course_id, grading, bubblewrap, packages, exchange, server, folders, assignments, gradebook)
