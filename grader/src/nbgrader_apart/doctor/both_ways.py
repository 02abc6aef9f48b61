"""`apart doctor ASSIGNMENT`: grades the reference and the untouched release both ways, before the term."""

import copy
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from rich.console import Console
from rich.markup import escape
from sqlalchemy.engine import make_url

from nbgrader_apart import grade_notebook, scratch
from nbgrader_apart.intake.notebook_reader import SubmittedCell
from nbgrader_apart.intake.rebuild import rebuild
from nbgrader_apart.intake.staging import write_files
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.judge.process import UNFIT
from nbgrader_apart.messages import text
from nbgrader_apart.model import assignment
from nbgrader_apart.model.course import Course, CourseError
from nbgrader_apart.model.language_stubs import LanguageStubs
from nbgrader_apart.model.settings import WAYS, Grading
from nbgrader_apart.model.source_notebook import ReleasedCell, grade_id
from nbgrader_apart.processes.failed import sentence
from nbgrader_apart.processes.warm_process import WarmProcess
from nbgrader_apart.record.gradebook_rows import released

SUBMISSIONS = "reference", "release"


@dataclass
class Result:
    """A test's results: {(way, submission): (points, what it said, its key)}."""

    notebook: str
    name: str
    possible: float
    found: dict[tuple[str, str], tuple[float, str, str | None]]

    def points(self, way: str, submission: str) -> float:
        """The points of a submission when tests run this way."""
        return self.found[way, submission][0]

    def works(self, way: str) -> bool:
        """Whether the reference gets its points this way, and the release no more than inside."""
        inside = self.points("inside", "release")
        return self.points(way, "reference") == self.possible and self.points(way, "release") == inside

    def remarks(self) -> Iterator[str]:
        """What the instructor should know of the test."""
        for way in WAYS:
            _, message, key = self.found[way, "reference"]
            if self.points(way, "reference") < self.possible:
                failed = message if key == UNFIT else text("doctor.ways.reference", way=way, reason=message)
                yield failed or text("doctor.ways.silent")
        if self.points("inside", "release") != self.points("apart", "release"):
            reason = self.found["apart", "release"][1]
            yield text("doctor.ways.release", reason=reason or text("doctor.ways.silent"))
        if self.points("inside", "release") == self.possible:
            yield text("doctor.ways.free")


def main(name: str) -> bool:
    """Grade both ways and print what differs; whether each test works the way that the settings name."""
    console = Console(highlight=False)
    try:
        course = Course()
        folder = course.source(name)
        results = list(grade_both_ways(folder, course.settings, gradebook_cells(course, name)))
    except Exception as error:  # whatever it is, grading would fail the same way
        reason = escape(sentence(error))
        console.print(f"[red]{text('batch.error', reason=reason)}[/red]", soft_wrap=True)
        return False
    finally:
        WarmProcess.close_all()
    show(console, results)
    notebooks = assignment.load(folder).notebooks
    chosen = [course.settings.way(name, notebooks[each.notebook].tags[each.name]) for each in results]
    for way in WAYS:
        failing = [each.name for each in results if not each.works(way)]
        verdict = text("doctor.ways.cannot", count=len(failing)) if failing else text("doctor.ways.can")
        console.print(text("doctor.ways.verdict", name=name, way=way, verdict=verdict))
    wrong = [each.name for each, way in zip(results, chosen, strict=True) if not each.works(way)]
    if wrong:
        console.print(f"[red]{text('doctor.ways.wrong', names=escape(', '.join(wrong)))}[/red]")
    return not wrong


def show(console: Console, results: list[Result]) -> None:
    """Some lines for each test about which there is something to say."""
    told = 0
    for each in results:
        remarks = list(dict.fromkeys(each.remarks()))
        if not remarks:
            continue
        told += 1
        console.print(f"[bold]{escape(each.notebook)}: {escape(each.name)}[/bold]")
        for one in SUBMISSIONS:
            points = ", ".join(f"{way} {each.points(way, one):g}" for way in WAYS)
            console.print(f"  {text(f'doctor.ways.title.{one}')}: {points}")
        for remark in remarks:
            console.print(f"  {remark}", markup=False, soft_wrap=True)
    console.print(text("doctor.ways.total", told=told, all=len(results)))


def gradebook_cells(course: Course, name: str) -> dict[str, dict[str, ReleasedCell]]:
    """{notebook: its ReleasedCells} of an assignment that has been generated."""
    url = make_url(course.directory.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return {}
    with Gradebook(course.directory.db_url, course.directory.course_id) as book, suppress(MissingEntry):
        return {notebook.name: released(notebook) for notebook in book.find_assignment(name).notebooks}
    return {}


def grade_both_ways(
    folder: Path, settings: Grading, cells: dict[str, dict[str, ReleasedCell]]
) -> Iterator[Result]:
    """The Results of all tests of an assignment. Raises what grading raises."""
    source = copy.copy(assignment.load(folder))
    source.notebooks = {name: copy.copy(notebook) for name, notebook in source.notebooks.items()}
    for notebook in source.notebooks.values():
        notebook.tags = {test: [] for test in notebook.tests}
    for name, original in source.sources.items():
        graded = {
            (way, one): grade(
                source, name, submission(original, one, settings), settings, way, cells.get(name, {})
            )
            for way in WAYS
            for one in SUBMISSIONS
        }
        for test in source.notebooks[name].tests:
            found = {key: result[test] for key, result in graded.items()}
            possible = next(
                float(cell.metadata.nbgrader.points) for cell in original.cells if grade_id(cell) == test
            )
            yield Result(name, test, possible, found)


def submission(original: NotebookNode, one: str, settings: Grading) -> list[SubmittedCell]:
    """The cells of the reference, or of the release as learners get it."""
    notebook = copy.deepcopy(original)
    if one == "release":
        notebook, _ = LanguageStubs(config=settings.config, enforce_metadata=False).preprocess(notebook, {})
    return [
        SubmittedCell(cell.cell_type, cell.source, grade_id(cell) or None, cell.id) for cell in notebook.cells
    ]


def grade(
    source: assignment.Assignment,
    name: str,
    cells: list[SubmittedCell],
    settings: Grading,
    way: str,
    known: dict[str, ReleasedCell],
) -> dict[str, tuple[float, str, str | None]]:
    """{test: (points, what it said, its key)} of a submitted notebook."""
    chosen = Grading(config=settings.config, tests=way, tests_of={})
    taken = rebuild(source.sources[name], cells, [], chosen)
    tests = source.notebooks[name].tests
    with tempfile.TemporaryDirectory(prefix="files-", dir=scratch.folder()) as files:
        write_files(source.others, Path(files))
        with Judge(chosen, source.folder, source.shipped) as judge:
            try:
                grade_notebook.grade(taken, name, source, files, chosen, known, judge)
            except CourseError as error:
                if way == "inside":
                    raise
                return dict.fromkeys(tests, (0.0, str(error), UNFIT))
    records = {grade_id(cell): cell.metadata.grading for cell in taken.cells if "grading" in cell.metadata}
    return {
        test: (records[test]["points"], records[test]["message"] or "", records[test]["key"])
        for test in tests
    }
