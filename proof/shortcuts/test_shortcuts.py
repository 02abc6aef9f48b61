"""No way round a derivation is paid unseen."""

import pytest

from proof.catalogue.run import run_all
from proof.shortcuts.outcomes import asked, honest, outcome, ways

pytestmark = pytest.mark.slow

WAYS = {entry.name: (entry, claims) for entry, claims in ways()}
HONEST = {entry.name: entry for entry in honest()}
BY_DAY = {*list(WAYS)[::6], *list(HONEST)[::4]}


@pytest.fixture(scope="module")
def failed(request):
    """{way: the checks that fail} of the ways asked for, each in a process of its own."""
    asked_for = [item.callspec.params["name"] for item in request.session.items if item.path == request.path]
    entries = HONEST | {name: entry for name, (entry, _) in WAYS.items()}
    return {result.entry.name: result.failed for result in run_all([entries[name] for name in asked_for])}


def by_day(names):
    """Some of the names; the others are for the night."""
    return [pytest.param(name, marks=[] if name in BY_DAY else pytest.mark.nightly) for name in names]


@pytest.mark.parametrize("name", by_day(WAYS))
def test_it_is_refused_or_shown_to_a_person(failed, name):
    entry, claims = WAYS[name]
    flagged, _ = asked(entry.notebook, entry.cells, entry.extra)
    assert outcome(claims, failed[name], flagged) in ("refused", "flagged")


@pytest.mark.parametrize("name", by_day(HONEST))
def test_what_is_honest_gets_its_points_and_nobody_is_asked(failed, name):
    entry = HONEST[name]
    assert (asked(entry.notebook, entry.cells, entry.extra), list(failed[name])) == ((set(), {}), [])
