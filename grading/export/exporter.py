"""What the export plugins share: which marks they export, and how they refuse."""

import sys

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin

from .. import marks
from .files import ExportError


class GradesExporter(ExportPlugin):
    """An export plugin that says in one sentence what is wrong, and then writes nothing and exits with 1."""

    file_name = ""  # where the marks go unless --to says otherwise

    def export(self, gradebook):
        target = self.to or self.file_name
        try:
            said = self.write(target, self.marks(gradebook))
        except ExportError as problem:
            self.log.error(str(problem))
            sys.exit(1)
        self.log.info("%s: %s", target, said)

    def write(self, target, marks):
        """Write `marks` to the file `target`; what was written, in words. Raises ExportError."""
        raise NotImplementedError

    def marks(self, gradebook):
        """[Mark] of the assignments and students asked for. Raises ExportError for one that is unknown."""
        coursedir = getattr(self.parent, "coursedir", None) or CourseDirectory(parent=self)
        found = [
            mark
            for assignment in self.asked("assignment", marks.assignments(gradebook))
            for mark in marks.read(gradebook, coursedir, assignment)
        ]
        students = set(self.asked("student", sorted({mark.student for mark in found})))
        return [mark for mark in found if mark.student in students]

    def asked(self, trait, known):
        """What --assignment or --student names, all that is known when it names nothing."""
        asked = [str(name) for name in getattr(self, trait)]
        for name in asked:
            if name not in known:
                raise ExportError(
                    f"The gradebook has no {trait} {name!r}: check --{trait}. It has {listed(known)}."
                )
        return asked or known


def listed(names, shown=5):
    """A few of the names, and how many more there are."""
    names = list(names)
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return (", ".join(map(repr, names[:shown])) or "none") + rest
