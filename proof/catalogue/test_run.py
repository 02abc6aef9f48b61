"""An entry that ends its process or never ends fails alone, and the report says so."""

import pytest

from course.build import catalogue
from proof.catalogue import run, totals

RIGHT = catalogue.alternatives()[0]


def entry(name, extra, fails=()):
    return catalogue.Entry(name, "", RIGHT.notebook, RIGHT.cells, "", extra=(extra,), fails=fails)


@pytest.fixture
def results(monkeypatch):
    """Results of a dead entry, an endless one and a right one; the tests' process stays cold."""
    monkeypatch.setattr(run, "_warm_up", lambda notebooks, edition: None)
    monkeypatch.setattr(run, "_cells", lambda notebook, language: [("check", "pass", True)])
    entries = [
        entry("dead", "import os; os._exit(1)", fails=("check",)),
        entry("endless", "while True: pass"),
        entry("right", "pass"),
    ]
    return run.run_all(entries, seconds=1)


def test_the_others_go_on(results):
    assert [result.entry.name for result in results] == ["dead", "endless", "right"]
    assert [result.ended for result in results] == [
        "ended its process with code 1",
        "was stopped after 1 s",
        "",
    ]
    assert results[2].messages == {"check": ""}


def test_the_report_counts_them_as_failed(results, monkeypatch):
    monkeypatch.setattr(totals, "_coverage", lambda entries: [])
    found = totals.compare(results)
    assert found.problems == ["dead ended its process with code 1", "endless was stopped after 1 s"]
    assert (found.caught, found.mistakes, found.accepted, found.alternatives) == (0, 1, 1, 2)
