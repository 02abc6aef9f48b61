"""Canvas: Grades → Import."""

from nbgrader_apart.export.lms import LmsExporter
from nbgrader_apart.export.roster import check_identifier
from nbgrader_apart.export.written_files import ExportError, Value
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.marks import Mark

POINTS = "Points Possible"  # Canvas knows its row of maximum points by these words in the first cell


class CanvasExporter(LmsExporter):
    """Canvas's own columns for students, the mark, and a row of maximum points."""

    file_name = "canvas.csv"

    def header(self, column: str) -> list[str]:
        return ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]

    def before(self, possible: str) -> list[list[Value]]:
        return [[f"    {POINTS}", "", "", "", "", possible]]

    def row(self, mark: Mark, person: dict[str, str] | None) -> list[Value]:
        person = {"login": mark.student} if person is None else person
        identifiers = [person.get(name, "") for name in ("canvas_id", "id_number", "login")]
        if not any(identifiers):
            about = {"student": shown(mark.student), "path": self.roster}
            raise ExportError(text("export.canvas.nobody", **about))
        if identifiers[0] and not identifiers[0].isdigit():
            about = {"student": shown(mark.student), "value": shown(identifiers[0])}
            raise ExportError(text("export.canvas.no_number", **about))
        for name, value in zip(("canvas_id", "id_number", "login"), identifiers, strict=True):
            check_identifier(mark.student, name, value)
        name = f"{mark.last_name}, {mark.first_name}" if mark.last_name and mark.first_name else mark.name
        return [mark.student if POINTS in name else name, *identifiers, person.get("section", "")]
