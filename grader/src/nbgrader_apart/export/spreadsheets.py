"""Plain tables: CSV for programs, with nbgrader's own columns, and xlsx for people."""

from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from nbgrader_apart.export.grades_exporter import GradesExporter
from nbgrader_apart.export.written_files import Value, plain_text, whole_file, write_csv
from nbgrader_apart.messages import text
from nbgrader_apart.model.marks import Mark

# The columns of nbgrader's CsvExportPlugin in their order, and more; without a mark there is no number.
COLUMNS: dict[str, Callable[[Mark], Value]] = {
    "assignment": lambda mark: mark.assignment,
    "duedate": lambda mark: mark.duedate,
    "timestamp": lambda mark: mark.submitted,
    "student_id": lambda mark: mark.student,
    "last_name": lambda mark: mark.last_name,
    "first_name": lambda mark: mark.first_name,
    "email": lambda mark: mark.email,
    "raw_score": lambda mark: mark.raw if mark.is_mark else None,
    "late_submission_penalty": lambda mark: mark.penalty if mark.is_mark else None,
    "score": lambda mark: mark.score if mark.is_mark else None,
    "max_score": lambda mark: mark.possible,
    "state": lambda mark: str(mark.state),
    "extra_credit": lambda mark: mark.extra if mark.is_mark else None,
    "seconds_late": lambda mark: mark.seconds_late,
}


def rows(marks: list[Mark]) -> list[list[Value]]:
    """One row per mark, in the order of COLUMNS."""
    return [[read(mark) for read in COLUMNS.values()] for mark in marks]


class CsvExporter(GradesExporter):
    """nbgrader's CSV file with fields quoted, formulas made inert, and the state of each mark."""

    file_name = "grades.csv"

    def write(self, target: str, marks: list[Mark]) -> str:
        write_csv(target, list(COLUMNS), rows(marks))
        return text("export.marks", count=len(marks))


class XlsxExporter(GradesExporter):
    """The same table as a workbook: numbers and times are numbers and times, text is text."""

    file_name = "grades.xlsx"

    def write(self, target: str, marks: list[Mark]) -> str:
        book = Workbook()
        sheet = book.active
        sheet.title = "grades"
        sheet.append(list(COLUMNS))
        for number, row in enumerate(rows(marks), start=2):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column, plain_text(value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"  # openpyxl would store «=…» as a formula
                    cell.quotePrefix = True  # and a spreadsheet after a person's next edit
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, cells in enumerate(sheet.columns, start=1):
            widest = max(len(str(cell.value or "")) for cell in cells)
            sheet.column_dimensions[get_column_letter(column)].width = min(40, widest + 2)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
        with whole_file(target) as temporary:
            book.save(temporary)
        return text("export.marks", count=len(marks))
