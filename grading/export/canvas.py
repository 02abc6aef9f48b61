"""Canvas: Grades → Import."""

from .files import ExportError
from .lms import LmsExporter
from .roster import check_identifier

POINTS = "Points Possible"  # Canvas knows its row of maximum points by these words in the first cell


class CanvasExporter(LmsExporter):
    """Canvas's own columns for students, the mark, and a row of maximum points."""

    file_name = "canvas.csv"

    def header(self, column):
        return ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]

    def before(self, possible):
        return [[f"    {POINTS}", "", "", "", "", possible]]

    def row(self, mark, person):
        person = {"login": mark.student} if person is None else person
        identifiers = [person.get(name, "") for name in ("canvas_id", "id_number", "login")]
        if not any(identifiers):
            raise ExportError(
                f"Student {mark.student!r} has no canvas_id, id_number or login in the roster {self.roster}: "
                "Canvas needs one."
            )
        if identifiers[0] and not identifiers[0].isdigit():
            raise ExportError(
                f"The canvas_id {identifiers[0]!r} of student {mark.student!r} is not a number of Canvas."
            )
        for name, value in zip(("canvas_id", "id_number", "login"), identifiers, strict=True):
            check_identifier(mark.student, name, value)
        name = f"{mark.last_name}, {mark.first_name}" if mark.last_name and mark.first_name else mark.name
        return [mark.student if POINTS in name else name, *identifiers, person.get("section", "")]
