"""Reads what grading left in autograded notebooks, and how source notebooks name their checks."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader_apart.model import autograded_notebook
from nbgrader_apart.model.autograded_notebook import joined
from nbgrader_apart.model.source_notebook import TICK, TICK_TAG

LONGEST = 5000  # characters of what a check says
HEADING = re.compile(r"^#\s+(.+?)\s*$", re.M)


@dataclass(frozen=True)
class Diagnosis:
    """Why a check failed: the key of the sentence, and the message as the learner has seen it."""

    key: str | None = None
    message: str | None = None


@dataclass
class Record:
    """What grading recorded in one autograded notebook."""

    diagnoses: dict[str, Diagnosis] = field(default_factory=dict)  # {grade id: Diagnosis}
    absent: bool = False
    asks: bool = False  # the learner asks for feedback
    refused: str | None = None
    comments: list[str] = field(default_factory=list)  # why a person should look


def record(path: Path) -> Record:
    """The Record of the autograded notebook at `path`; an empty one when there is none. Raises Unreadable."""
    if not os.path.lexists(path):
        return Record(absent=True)
    notebook = autograded_notebook.load(path)
    about = notebook["metadata"].get("grading", {})
    found = Record(refused=_text(about.get("refused")), comments=_comments(about.get("manual")))
    for cell in notebook["cells"]:
        metadata = cell["metadata"]
        if "grading" in metadata and "grade_id" in metadata.get("nbgrader", {}):
            result = metadata["grading"]
            found.diagnoses[metadata["nbgrader"]["grade_id"]] = Diagnosis(
                _text(result.get("key")), _text(result.get("message"))
            )
        elif TICK_TAG in metadata.get("tags", []):
            found.asks |= bool(TICK.search(joined(cell["source"])))
    return found


def _comments(asked: object) -> list[str]:
    comments = asked.get("comments") if isinstance(asked, dict) else None
    if not isinstance(comments, dict):
        return []
    return [shown for each in comments.values() if (shown := _text(each))]


def titles(path: Path) -> tuple[str | None, dict[str, str | None]]:
    """(the notebook's first heading or None, {grade id: title}) of a source notebook, in its order."""
    if not path.is_file():
        return None, {}
    cells = json.loads(path.read_bytes())["cells"]
    texts = (joined(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    heading = next((found.group(1) for text in texts if (found := HEADING.search(text))), None)
    graded = [cell["metadata"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id")]
    return heading, {about["nbgrader"]["grade_id"]: _text(about.get("title")) for about in graded}


def _text(value: object) -> str | None:
    return joined(value[:LONGEST]) if isinstance(value, str) and value else None
