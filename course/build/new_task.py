"""Writes the files of a new task: a small one that works, to be rewritten piece by piece."""

import json
import re
from pathlib import Path

from course.build import notebook_text, tasks
from course.build.paths import CHECKS, MESSAGES, TASKS

SKELETON = Path(__file__).with_name("skeleton")
NAME = re.compile(r"(?:seminar|task)-\d+((?:-[a-z]+)+)")


def write(name: str) -> list[Path]:
    """Write text, wrong and right answers, checks and messages of the task `name`; the five files.

    Its checks lie in a module named after the last part of the name: those of task-7-sigmoid in
    `sigmoids.py`. Raises ValueError for a name that is not like that, and for a task, a module, topic or
    message that exists.
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name}: a task is called like task-7-sigmoid: kind, number, small Latin letters")
    word = match[1].strip("-").replace("-", "_")
    module = CHECKS / f"{word}s.py"
    for path in (TASKS / name, module):
        if path.exists():
            raise ValueError(f"{path.name} exists already in {path.parent.name}/")
    messages = json.loads(_filled("messages.json", word))
    taken = messages.keys() & notebook_text.messages().keys()
    if taken or re.search(rf"^{word} = ", _all_checks(), re.MULTILINE):
        raise ValueError(f"{word}: other checks have this name already")
    order = max(tasks.front(other).order for other in tasks.names()) + 1
    text = _filled("text.md", word).replace("order: 0\n", f"order: {order}\n", 1)
    (TASKS / name).mkdir()
    written = {
        TASKS / name / "text.md": text,
        TASKS / name / "wrong.toml": _filled("wrong.toml", word),
        TASKS / name / "right.toml": _filled("right.toml", word),
        module: _filled("checks.py", word),
        MESSAGES: _with(messages),
    }
    for path, content in written.items():
        path.write_text(content, encoding="utf-8")
    return list(written)


def _all_checks() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in CHECKS.rglob("*.py"))


def _filled(file: str, word: str) -> str:
    """A file of the skeleton under the names of the new task."""
    title = "".join(part.capitalize() for part in word.split("_"))
    text = (SKELETON / file).read_text(encoding="utf-8")
    return text.replace("Skeleton", title).replace("skeleton", word)


def _with(messages: dict[str, str]) -> str:
    """The message catalogue with more sentences at its end; its lines stay as they are."""
    before = MESSAGES.read_text(encoding="utf-8").rstrip().removesuffix("}").rstrip()
    lines = [f"  {json.dumps(key)}: {json.dumps(said, ensure_ascii=False)}" for key, said in messages.items()]
    return before + ",\n\n" + ",\n".join(lines) + "\n}\n"
