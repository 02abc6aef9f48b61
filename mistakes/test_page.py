"""What is made from the catalogue is fresh."""

from . import page


def test_page_is_fresh():
    assert page.PATH.read_text(encoding="utf-8") == page.render(), "run make build"


def test_table_is_fresh():
    assert page.TABLE.read_text(encoding="utf-8") == page.render_table(), "run make build"
