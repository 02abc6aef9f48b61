"""A journey in each edition of the course: the original always, a translation every night."""

import pytest

from course.build.editions import ORIGINAL, TRANSLATIONS

# What JupyterLab's language packs call its first menu.
FILE_MENU = {"ru": "Файл", "en": "File"}

in_each_edition = pytest.mark.parametrize(
    "edition",
    [pytest.param(ORIGINAL, id=ORIGINAL.language)]
    + [pytest.param(edition, id=edition.language, marks=pytest.mark.nightly) for edition in TRANSLATIONS],
)
