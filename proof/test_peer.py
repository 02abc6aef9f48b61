"""The list of nbgrader's own tests that go another way."""

import re
from importlib.util import find_spec
from pathlib import Path

from course.build.paths import ROOT
from proof import peer


def test_each_row_of_the_list_names_a_test_of_nbgraders_and_a_reason():
    found = peer.listed()
    rows = [line for line in peer.LIST.read_text("utf-8").splitlines() if line.startswith("| `test_")]
    assert len(found) == len(rows) > 0
    for part, test in found:
        source = Path(find_spec(peer.MODULES[part]).origin).read_text("utf-8")
        assert f"def {test}(" in source
        assert found[part, test].endswith(".")


def test_what_became_of_a_test_is_read_from_the_report():
    from xml.etree import ElementTree

    suite = "<s><testcase/><testcase><failure/></testcase><testcase><skipped/></testcase></s>"
    assert [peer.outcome(case) for case in ElementTree.fromstring(suite)] == ["passed", "failed", "skipped"]


def test_each_wish_of_nbgraders_users_names_tests_that_there_are():
    rows = [line for line in peer.LIST.read_text("utf-8").splitlines() if line.startswith("| [#")]
    assert len(rows) > 5
    for row in rows:
        tests = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row.split("|")[3])
        assert tests
        for path, test in tests:
            assert f"def {test}(" in (ROOT / path).read_text("utf-8")
