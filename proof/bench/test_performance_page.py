"""What is made from the benchmark's numbers is fresh."""

import json

from proof.bench import performance_page


def test_page_is_fresh():
    found = json.loads(performance_page.DATA.read_text(encoding="utf-8"))
    assert performance_page.PAGE.read_text(encoding="utf-8") == performance_page.render(found), (
        "run python -m proof.bench page"
    )
