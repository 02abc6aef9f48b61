"""The message catalogue of grading: every sentence for learners and instructors, a JSON file per language.

An instructor reads the language of the course, which `nbgrader_apart.use` sets; what a learner reads is
written in the language of the assignment.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_language = "en"


@cache
def _catalogue(language: str) -> dict[str, str]:
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def language() -> str:
    """The language of this process's sentences, such as "en"."""
    return _language


def speak(language: str | None) -> None:
    """From now on this process speaks the language; one that has no catalogue changes nothing."""
    global _language
    if language and (FOLDER / f"{language}.json").is_file():
        _language = language


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Inside, as after `speak`."""
    before = _language
    speak(language)
    try:
        yield
    finally:
        speak(before)


def text(key: str, **values: object) -> str:
    """The sentence `key` with its `values`."""
    return _catalogue(_language)[key].format(**values)


def duration(seconds: float) -> str:
    """Seconds in words, to the minute."""
    minutes = int(seconds // 60)
    parts = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    shown = [text(f"duration.{unit}", count=count) for unit, count in parts.items() if count]
    return " ".join(shown) or text("duration.moment")
