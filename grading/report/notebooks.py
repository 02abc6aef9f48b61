"""Reads what grading left in autograded notebooks, and the names that source notebooks give to their checks.

nbformat would spend a minute on validating thousands of notebooks of which only metadata is read.
"""

import json
import re
from dataclasses import dataclass, field

from ..take_in.rebuild import TICK, TICK_TAG

HEADING = re.compile(r"^#\s+(.+?)\s*$", re.M)


@dataclass(frozen=True)
class Diagnosis:
    """Why a check failed: the key of the sentence, and the message as the learner has seen it."""

    key: str | None = None
    message: str | None = None


@dataclass
class Record:
    """What one autograded notebook tells."""

    diagnoses: dict = field(default_factory=dict)  # {grade id: Diagnosis}
    absent: bool = False
    asks: bool = False  # the learner asks for feedback
    refused: str | None = None
    comments: list = field(default_factory=list)  # why a person should look


def record(path, log):
    """The Record of the autograded notebook at `path`; an empty one when there is none."""
    try:
        if not path.is_file():
            return Record(absent=True)
        return _record(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("%s is not a notebook, its diagnoses are missing: %s", path, error)
        return Record()


def _record(notebook):
    about = notebook["metadata"].get("grading", {})
    found = Record(refused=_text(about.get("refused")))
    found.comments = [
        comment for comment in about.get("manual", {}).get("comments", {}).values() if _text(comment)
    ]
    for cell in notebook["cells"]:
        metadata = cell["metadata"]
        if "grading" in metadata:
            result = metadata["grading"]
            found.diagnoses[metadata["nbgrader"]["grade_id"]] = Diagnosis(
                _text(result.get("key")), _text(result.get("message"))
            )
        elif TICK_TAG in metadata.get("tags", []):
            found.asks |= bool(TICK.search(source_of(cell)))
    return found


def titles(path):
    """(the notebook's first heading or None, {grade id: title}) of a source notebook, in its order."""
    if not path.is_file():
        return None, {}
    cells = json.loads(path.read_bytes())["cells"]
    texts = (source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    heading = next((found.group(1) for text in texts if (found := HEADING.search(text))), None)
    graded = [cell["metadata"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id")]
    return heading, {about["nbgrader"]["grade_id"]: _text(about.get("title")) for about in graded}


def source_of(cell):
    """A cell's source: nbformat allows a string and a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _text(value):
    return value if isinstance(value, str) and value else None
