"""The page of typical mistakes is generated, fresh, and links to nothing that is missing."""

from . import page


def test_page_is_fresh():
    assert page.PATH.read_text(encoding="utf-8") == page.render(), "run make build"
