"""A small allow-list, and what reading learners' cells against it finds."""

from nbgrader_apart.record import manual_review
from nbgrader_apart.record.allow_list import AllowList

ALLOWED = AllowList.of(
    {
        "tests": ["*-slope"],
        "unwatched": ["*-loop"],
        "builtins": [
            "enumerate",
            "getattr",
            "isinstance",
            "len",
            "map",
            "pow",
            "print",
            "property",
            "round",
            "setattr",
            "type",
            "zip",
        ],
        "attributes": ["astype", "eval", "items", "sum", "append", "format", "outer", "setter"],
        "settable": ["data"],
        "reserved": ["imag"],
        "dunders": ["__init__", "__name__", "__repr__"],
        "decorators": ["property", "lib.fast"],
        "bases": ["lib.Base"],
        "machinery": ["sys", "code", "eval", "vars", "_inner", "f_globals", "run_code"],
        "course": ["course"],
        "modules": {
            "lib": ["f", "Base", "fast"],
            "lib.sub": ["g"],
            "arrays": ["add", "make", "pi", "real", "whole"],
            "arrays.add": ["reduce"],
            "numbers": ["root"],
            "course": ["table"],
            "course.pictures": ["draw"],
        },
        "watched": {"arrays": ["pi", "real", "whole"], "arrays.add": []},
        "named": {"arrays": ["real", "whole"]},
        "called": {"builtins": ["round", "type"], "numbers": ["root"]},
        "unwatched_modules": {"feeds": ["Feed"]},
    }
)
TESTS = {"a-slope": "A()", "a-other": "A()", "b-slope": "B()", "c-loop": "c()"}
GIVEN = ["import lib\nimport course\nimport arrays as ar\nimport numbers\nfrom numbers import root\nx = 1\n"]


def asked(*cells):
    """(flagged tests, what is named) of learner's cells."""
    named = [(f"cell{number}", source) for number, source in enumerate(cells)]
    flagged, comments = manual_review.questions(named, TESTS, ALLOWED, GIVEN)
    return flagged, "; ".join(comments.values())
