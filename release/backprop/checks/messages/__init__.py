"""The message catalogue: every sentence that a learner reads, one JSON file per language."""

import json
import os
from functools import cache
from pathlib import Path


class Message(str):
    """A sentence of the catalogue that remembers its key."""

    __slots__ = ("key",)


@cache
def _catalogue(language):
    return json.loads(Path(__file__).with_name(f"{language}.json").read_text(encoding="utf-8"))


def known(sentence):
    """The Message that says just this, for what comes from another process as plain text; else None."""
    language = _catalogue(os.environ.get("COURSE_LANGUAGE", "ru"))
    return next((text(key) for key, said in language.items() if said == sentence), None)


def text(key, **values):
    """The sentence `key` (for instance "verdict.ok") with `values` filled in.

    The language is the environment variable COURSE_LANGUAGE, Russian by default.
    Raises KeyError for a key that the catalogue does not have.
    """
    message = Message(_catalogue(os.environ.get("COURSE_LANGUAGE", "ru"))[key].format(**values))
    message.key = key
    return message
