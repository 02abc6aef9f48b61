"""The message catalogue of grading: every sentence for learners and instructors, a JSON file per language."""

import json
import os
from functools import cache
from pathlib import Path


@cache
def _catalogue(language):
    return json.loads(Path(__file__).with_name(f"{language}.json").read_text("utf-8"))


def text(key, **values):
    """The sentence `key` with its gaps filled, in the language of COURSE_LANGUAGE (Russian by default)."""
    return _catalogue(os.environ.get("COURSE_LANGUAGE", "ru"))[key].format(**values)
