"""A stub is in the language of its notebook."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from nbgrader_apart.model.language_stubs import LanguageStubs

SETTINGS = Config(
    ClearSolutions={"code_stub": {"python": "raise NotImplementedError"}},
    LanguageStubs={"code_stubs": {"en": "...  # yours", "ru": "...  # ваше"}},
)
ABOUT = {"grade": False, "grade_id": "a", "locked": False, "schema_version": 3, "task": False}


def stub(metadata, step=LanguageStubs):
    """What stands in place of a solution."""
    code = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    cell = new_code_cell(code, metadata={"nbgrader": ABOUT | {"solution": True}})
    notebook, _ = step(config=SETTINGS).preprocess(new_notebook(cells=[cell], metadata=metadata), {})
    return notebook.cells[0].source.removeprefix("def f():\n    ")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"apart": {"language": "en"}}, "...  # yours"),
        ({"apart": {"language": "ru"}}, "...  # ваше"),
        ({"apart": {"language": "de"}}, "raise NotImplementedError"),
        ({"apart": {}}, "raise NotImplementedError"),
        ({}, "raise NotImplementedError"),
    ],
)
def test_a_stub_for_each_language(metadata, expected):
    assert stub(metadata) == expected


def test_nbgraders_own_step_knows_no_languages():
    assert stub({"apart": {"language": "en"}}, ClearSolutions) == "raise NotImplementedError"
