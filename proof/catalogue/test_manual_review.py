"""What a person is asked to look at is no right alternative."""

import checks
import pytest

from course.build import catalogue
from proof.shortcuts.outcomes import allowed, asked


@pytest.mark.parametrize("entry", catalogue.alternatives(), ids=lambda entry: entry.name)
def test_right_alternatives_are_not_asked_about(entry):
    assert asked(entry.notebook, entry.cells, entry.extra) == (set(), {})


@pytest.mark.parametrize("notebook", sorted({entry.notebook for entry in catalogue.alternatives()}))
def test_the_reference_is_not_asked_about(notebook):
    assert asked(notebook, {}) == (set(), {})


def test_every_check_that_a_notebook_calls_is_on_the_list():
    assert set(checks.__all__) <= allowed().modules["checks"]
