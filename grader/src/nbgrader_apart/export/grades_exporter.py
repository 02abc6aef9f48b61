"""What the export plugins share: which marks they export, and how they fail."""

import sys
from collections.abc import Iterable

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin

from nbgrader_apart.export.written_files import ExportError, replacing
from nbgrader_apart.messages import text
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError, explained
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.late_penalties import settle
from nbgrader_apart.model.marks import Mark


class GradesExporter(ExportPlugin):
    """An export plugin that says in one sentence what is wrong, and then exits with 1.

    Then there is no file of that name: an older one, which could be taken for it, is renamed to *.old.
    A learner whose mark cannot be read is named; the others are written, and the exit code is 1 too.
    """

    file_name = ""  # where the marks go unless --to says otherwise

    def export(self, gradebook: Gradebook) -> None:
        target = self.to or self.file_name
        try:
            with replacing(target):
                with explained():
                    found = self.marks(gradebook)
                said = self.write(target, found)
        except (ExportError, CourseError) as problem:
            self.log.error(str(problem))
            sys.exit(1)
        self.log.info("%s (%s)", target, said)
        odd = [mark for mark in found if mark.problem]
        for mark in odd:
            self.log.error(text("marks.problem", student=mark.student, reason=mark.problem))
        if odd:
            sys.exit(1)

    def write(self, target: str, marks: list[Mark]) -> str:
        """Write `marks` to the file `target`; what was written, in words. Raises ExportError."""
        raise NotImplementedError

    def marks(self, gradebook: Gradebook) -> list[Mark]:
        """Marks of the assignments and students asked for. Raises ExportError for one that is unknown."""
        coursedir = getattr(self.parent, "coursedir", None) or CourseDirectory(parent=self)
        assignments = self.asked("assignment", marks.assignments(gradebook))
        settle(gradebook, self.config, assignments)
        found = [mark for assignment in assignments for mark in marks.read(gradebook, coursedir, assignment)]
        students = set(self.asked("student", sorted({mark.student for mark in found})))
        return [mark for mark in found if mark.student in students]

    def asked(self, trait: str, known: list[str]) -> list[str]:
        """The names given by --assignment or --student, all known ones when none is given."""
        asked = [str(name) for name in getattr(self, trait)]
        for name in asked:
            if name not in known:
                raise ExportError(text(f"export.no_{trait}", name=shown(name), known=listed(known)))
        return asked or known


def listed(names: Iterable[str], most: int = 5) -> str:
    """A few of the names, and how many more there are."""
    found = list(names)
    some = ", ".join(text("export.name", name=shown(name)) for name in found[:most])
    if len(found) > most:
        return text("export.more", names=some, count=len(found) - most)
    return some or text("export.none")
