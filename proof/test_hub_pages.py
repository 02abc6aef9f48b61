"""Guides give the same commands in both languages; `make test-hub` runs those of the page on a hub."""

import re

import pytest

from course.build.editions import EDITIONS
from course.build.paths import ROOT

COMMANDS = re.compile(r"^```.*?\n.*?^```|^\| `[^\n]+", re.DOTALL | re.MULTILINE)  # blocks, rows of tables


@pytest.mark.parametrize("page", ["jupyterhub/README", "learners"])
def test_the_commands_are_the_same_in_both_languages(page):
    english, russian = (
        COMMANDS.findall((ROOT / "docs" / f"{page}{ending}").read_text("utf-8"))
        for ending in (".md", ".ru.md")
    )
    assert len(english) > 5
    assert as_original(english) == as_original(russian)


def as_original(commands):
    """The commands with the name of the first edition for those of the others."""
    first, *others = (edition.assignment for edition in EDITIONS)
    return [re.sub(rf"\b({'|'.join(others)})\b", first, command) for command in commands]
