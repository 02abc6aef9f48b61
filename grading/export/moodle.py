"""Moodle: Grades → Import → CSV file."""

from traitlets import Enum

from .files import ExportError
from .lms import LmsExporter
from .roster import check_identifier

# How Moodle's own export heads the column of each identifier.
IDENTIFIERS = {"email": "Email address", "login": "Username", "id_number": "ID number"}


class MoodleExporter(LmsExporter):
    """Identifier, first and last name, mark. Moodle asks which column identifies the user."""

    file_name = "moodle.csv"
    identify_by = Enum(
        list(IDENTIFIERS), "email", help="What identifies a user: email, login or id_number."
    ).tag(config=True)

    def header(self, column):
        return [IDENTIFIERS[self.identify_by], "First name", "Last name", column]

    def row(self, mark, person):
        own = mark.email if self.identify_by == "email" else mark.student
        value = own if person is None else person.get(self.identify_by, "")
        if not value:
            where = "the gradebook" if person is None else f"the roster {self.roster}"
            raise ExportError(
                f"Student {mark.student!r} has no {self.identify_by} in {where}: Moodle needs one."
            )
        return [check_identifier(mark.student, self.identify_by, value), mark.first_name, mark.last_name]
