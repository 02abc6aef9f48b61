"""Moodle: Grades → Import → CSV file."""

from traitlets import Enum

from nbgrader_apart.export.lms import LmsExporter
from nbgrader_apart.export.roster import check_identifier
from nbgrader_apart.export.written_files import ExportError, Value
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.marks import Mark

# The column names of Moodle's own export.
IDENTIFIERS = {"email": "Email address", "login": "Username", "id_number": "ID number"}


class MoodleExporter(LmsExporter):
    """Identifier, first and last name, mark. Moodle asks which column identifies the user."""

    file_name = "moodle.csv"
    identify_by = Enum(
        list(IDENTIFIERS), "email", help="What identifies a user: email, login or id_number."
    ).tag(config=True)

    def header(self, column: str) -> list[str]:
        return [IDENTIFIERS[self.identify_by], "First name", "Last name", column]

    def row(self, mark: Mark, person: dict[str, str] | None) -> list[Value]:
        own = mark.email if self.identify_by == "email" else mark.student
        value = own if person is None else person.get(self.identify_by, "")
        if not value:
            where = "export.moodle.not_in_gradebook" if person is None else "export.moodle.not_in_roster"
            about = {"student": shown(mark.student), "column": self.identify_by, "path": self.roster}
            raise ExportError(text(where, **about))
        return [check_identifier(mark.student, self.identify_by, value), mark.first_name, mark.last_name]
