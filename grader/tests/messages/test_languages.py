"""Sentences, numbers and times come in the language that is spoken."""

from datetime import datetime

import pytest

from nbgrader_apart import messages
from nbgrader_apart.messages.written import moment, number, significant

TIME = datetime(2026, 11, 29, 7, 5)
WRITTEN = {
    "en": ["0.5", "2", "1234.57", "0.0004", "29 November 2026, 07:05"],
    "ru": ["0,5", "2", "1234,57", "0,0004", "29 ноября 2026, 07:05"],
}


@pytest.mark.parametrize("language", WRITTEN)
def test_numbers_and_times(language):
    with messages.speaking(language):
        numbers = [number(0.5), number(2.0), number(1234.567), significant(0.0004)]
        assert [*numbers, moment(TIME)] == WRITTEN[language]


def test_what_was_spoken_before_is_spoken_again():
    with messages.speaking("ru"):
        with messages.speaking("en"):
            assert messages.text("duration.moment") == messages._catalogue("en")["duration.moment"]
        assert messages.text("duration.moment") == messages._catalogue("ru")["duration.moment"]


@pytest.mark.parametrize("language", [None, "", "de", "../ru"])
def test_a_language_without_a_catalogue_changes_nothing(language):
    with messages.speaking("ru"), messages.speaking(language):
        assert messages.language() == "ru"
