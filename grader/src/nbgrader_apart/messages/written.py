"""Numbers and times as the language of the sentences around them writes them."""

from datetime import datetime

from babel.dates import format_datetime
from babel.numbers import format_decimal, get_decimal_symbol

from nbgrader_apart.messages import language


def number(value: float) -> str:
    """At most two decimals: 2, 0.5, in Russian 0,5."""
    return format_decimal(round(float(value), 2), "0.##", locale=language())


def significant(value: float) -> str:
    """Three significant digits: 12.3, 0.0004, in Russian 0,0004."""
    return f"{value:.3g}".replace(".", get_decimal_symbol(language()))


def moment(time: datetime) -> str:
    """A day and a time of it, to the minute: 29 November 2026, 07:05."""
    return format_datetime(time, "d MMMM y, HH:mm", locale=language())
