"""No way round a derivation is paid unseen."""

import pytest

from proof.catalogue.run import run_all
from proof.shortcuts.outcomes import asked, outcome, ways

pytestmark = pytest.mark.slow

WAYS = {entry.name: (entry, claims) for entry, claims in ways()}


@pytest.fixture(scope="module")
def failed():
    """{way: the checks that fail}, each in a process of its own."""
    return {result.entry.name: result.failed for result in run_all([entry for entry, _ in WAYS.values()])}


@pytest.mark.parametrize("name", WAYS)
def test_it_is_refused_or_shown_to_a_person(failed, name):
    entry, claims = WAYS[name]
    flagged, _ = asked(entry.notebook, entry.cells, entry.extra)
    assert outcome(claims, failed[name], flagged) in ("refused", "flagged")
