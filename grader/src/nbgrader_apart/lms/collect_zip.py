"""`apart collect-zip`: take in the zip of all submissions that Moodle or Canvas hands out.

nbgrader's own `zip_collect` unpacks without limits and asks its plugin about one file's name at a time; who
of two namesakes is meant, or which of two files is newer, cannot be said there.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from nbgrader.api import Gradebook

from nbgrader_apart.export.lms import LmsExporter
from nbgrader_apart.lms import archive, people, record, schemes
from nbgrader_apart.lms.archive import Rejected
from nbgrader_apart.lms.people import People, Unknown
from nbgrader_apart.lms.schemes import Owner, Place
from nbgrader_apart.lms.submissions import Outcome, Unpacked, put_in_place
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import FULL, Course, CourseError, explained
from nbgrader_apart.model.disk import shown

DIRECTORY = 16 << 20  # bytes: some hundred thousand files
SHOWN = 5  # files of one student in a remark
Found = dict[Owner, dict[Place, ZipInfo]]


@dataclass
class Collected:
    """What has come of an archive."""

    files: int = 0
    people: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # by student
    late: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # by student, or ""

    def is_whole(self) -> bool:
        """Whether all of the archive was taken in."""
        return not self.problems and not self.refused

    def lines(self) -> list[str]:
        """What to tell the instructor."""
        count = Counter(outcome.value for outcome in self.outcomes.values())
        numbers = {outcome.value: count[outcome.value] for outcome in Outcome}
        said = [text("lms.total", files=self.files, people=self.people, **numbers)]
        if self.late:
            said.append(text("lms.late", students=", ".join(sorted(self.late))))
        said += self.problems
        for student, lines in sorted(self.refused.items()):
            said += lines[:SHOWN]
            if len(lines) > SHOWN:
                said.append(text("lms.more", student=student, count=len(lines) - SHOWN))
        return said


def collect(
    assignment: str, path: Path, update: bool, roster_file: Path | None, worksheet: Path | None
) -> Collected:
    """Take in the archive at `path`. Raises CourseError, ExportError, when nothing can be taken in."""
    course = Course()
    notebooks = [notebook.stem for notebook in course.source(assignment).glob("*.ipynb")]
    named = str(roster_file or LmsExporter(config=course.config).roster)
    directory = course.directory
    with explained(directory.root), Gradebook(directory.db_url, directory.course_id) as gradebook:
        known = people.load(gradebook, named, worksheet)
    try:
        with explained(directory.root), archive.opened(path, DIRECTORY) as opened:
            return Collection(course, assignment, notebooks, update).run(opened, known)
    except Rejected as problem:
        raise CourseError(text("lms.bad_archive", path=path, reason=problem)) from problem
    except OSError as error:
        raise CourseError(text("lms.bad_archive", path=path, reason=error.strerror)) from error


class Collection:
    """One archive on its way into the folder of submissions."""

    def __init__(self, course: Course, assignment: str, notebooks: list[str], update: bool) -> None:
        self.course, self.assignment, self.notebooks, self.update = course, assignment, notebooks, update
        self.done = Collected()
        self.folders: dict[str, str] = {}  # {student: the person's folder in Moodle's zip}

    def run(self, opened: ZipFile, known: People) -> Collected:
        """Take in everybody who is known; the others are told."""
        found = self._owners(opened)
        self.done.people = len(found)
        try:
            for student, owner in self._students(found, known).items():
                self._take_in(opened, student, found[owner])
        finally:
            record.add(self.course, self.assignment, self.folders)
        return self.done

    def _owners(self, opened: ZipFile) -> Found:
        """{owner: {place: entry}} of the archive's files."""
        found: Found = defaultdict(dict)
        for info in opened.infolist():
            if info.is_dir():
                continue
            try:
                name = archive.name_of(info)
                if archive.is_junk(name):
                    continue
                self.done.files += 1
                if not (place := schemes.place(name)):
                    raise Rejected(text("lms.no_scheme"))
                if place in found[place.owner]:
                    raise Rejected(text("lms.same_name"))
            except Rejected as problem:
                self._refuse("", shown(info.filename), str(problem))
            else:
                found[place.owner][place] = info
        return found

    def _students(self, found: Found, known: People) -> dict[str, Owner]:
        """{student: owner} of those who are one student each, sorted."""
        claims: dict[str, list[Owner]] = defaultdict(list)
        for owner in found:
            try:
                claims[known.find(owner)].append(owner)
            except Unknown as problem:
                self._unmatched(owner, str(problem))
        for student, owners in claims.items():
            for owner in owners if len(owners) > 1 else []:
                self._unmatched(owner, text("lms.claimed", student=student))
        return {student: owners[0] for student, owners in sorted(claims.items()) if len(owners) == 1}

    def _take_in(self, opened: ZipFile, student: str, places: dict[Place, ZipInfo]) -> None:
        names = schemes.newest(places, self.notebooks)
        unpacked = Unpacked(
            self.course.settings.submission_mb << 20,
            lambda name, reason: self._refuse(student, shown(name), reason),
        )
        unpacked.add(opened, [(name, places[place]) for place, name in names.items()])
        directory = self.course.directory
        folder = Path(directory.format_path(directory.submitted_directory, student, self.assignment))
        try:
            outcome = put_in_place(unpacked.files, folder, self.update)
        except OSError as error:
            if error.errno in FULL:
                raise  # for the others it would be full too
            self._refuse(student, str(folder), error.strerror or str(error))
            return
        self.done.outcomes[student] = outcome
        if outcome is Outcome.OTHER:
            self.done.problems.append(text("lms.other", student=student))
        if outcome is Outcome.NOTHING:
            self._nothing(student, sorted(unpacked.files))
        if any(place.late for place in places):
            self.done.late.append(student)
        for place in places:
            if place.folder:
                self.folders[student] = place.folder

    def _nothing(self, student: str, files: list[str]) -> None:
        """Say that the student has sent no notebook, and what there is instead."""
        if not files:
            self.done.problems.append(text("lms.nothing", student=student))
            return
        names = ", ".join(map(shown, files[:SHOWN])) + (", …" if len(files) > SHOWN else "")
        self.done.problems.append(text("lms.no_notebook", student=student, names=names))

    def _refuse(self, student: str, name: str, reason: str) -> None:
        whose = f"{student}: {name}" if student else name
        self.done.refused[student].append(text("lms.refused", name=whose, reason=reason))

    def _unmatched(self, owner: Owner, reason: str) -> None:
        about = {"name": shown(owner.name), "number": owner.number, "reason": reason}
        self.done.problems.append(text("lms.unmatched", **about))
