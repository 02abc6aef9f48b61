"""The catalogue refuses what is not complete."""

import pytest

from course.build import catalogue


@pytest.fixture
def families(monkeypatch):
    """families.toml for one test, to be changed."""
    known = dict(catalogue.families())
    monkeypatch.setattr(catalogue, "families", lambda: known)
    return known


def test_an_entry_of_an_unknown_family_is_refused(families):
    del families["sign"]
    with pytest.raises(ValueError, match=r"seminar-1-neuron/wrong.toml, entry 's1-dypred-sign': .* no sign"):
        catalogue.mistakes()


def test_an_entry_without_a_family_is_refused():
    entry = {"cell": "loss", "replace": "(y_pred - y_true) ** 2", "by": "0"}
    with pytest.raises(KeyError, match="family"):
        catalogue._mistake("seminar-1-neuron", entry)


def test_a_family_without_entries_is_refused(families):
    families["unheard-of"] = "Такого не бывает"
    with pytest.raises(ValueError, match="no mistake is of the family unheard-of"):
        catalogue.mistakes()
