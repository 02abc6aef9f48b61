"""What is made from the benchmark's numbers is fresh."""

import json

from . import page


def test_page_is_fresh():
    found = json.loads(page.DATA.read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.render(found), "run python -m examples.bench page"
