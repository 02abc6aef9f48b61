"""One group of the made-up class goes the whole way, from Moodle's zip to Moodle's marks."""

import pytest

from proof.moodle.__main__ import steps

pytestmark = pytest.mark.nightly


def test_a_class_comes_from_moodle_and_goes_back(tmp_path):
    for step, found, due in steps(tmp_path, groups=1):
        assert found == due, step
