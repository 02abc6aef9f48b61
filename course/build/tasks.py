"""The folders of course/tasks and the front matter of their texts."""

from dataclasses import dataclass, replace
from functools import cache

import yaml

from course.build import units
from course.build.paths import TASKS

FENCE = "---\n"


@dataclass(frozen=True)
class Front:
    """What the text of a notebook says about itself, for headers and tables."""

    order: int
    title: str
    what: str
    difficulty: str
    minutes: int


def names() -> list[str]:
    """The notebooks' names in the order of the course. Raises ValueError when two stand in one place."""
    found = [path.parent.name for path in TASKS.glob("*/text.md")]
    orders = {front(name).order: name for name in found}
    if len(orders) < len(found):
        raise ValueError("two of course/tasks have the same order")
    return [orders[order] for order in sorted(orders)]


@cache
def front(name: str) -> Front:
    """The front matter of the notebook's text. Raises ValueError when fields are missing or of other kinds."""
    fields = Front.__annotations__
    try:
        found = yaml.safe_load(_parts(name)[1])
    except yaml.YAMLError as error:
        raise ValueError(f"course/tasks/{name}/text.md: {error}") from error
    if not isinstance(found, dict) or found.keys() != fields.keys():
        raise ValueError(f"course/tasks/{name}/text.md begins with other fields than {', '.join(fields)}")
    for field, kind in fields.items():
        if not isinstance(found[field], kind):
            raise ValueError(f"course/tasks/{name}/text.md: {field} is no {kind.__name__}")
    return Front(**found)


def front_as(name: str, say: units.Say) -> Front:
    """The front matter with its words as `say` has them."""
    found = front(name)
    context = f"{name}: header"
    return replace(found, title=say(context, found.title), what=say(context, found.what))


def body(name: str) -> str:
    """The notebook's text below the front matter, a jinja2 template."""
    return _parts(name)[2]


def _parts(name: str) -> list[str]:
    parts = (TASKS / name / "text.md").read_text(encoding="utf-8").split(FENCE, 2)
    if len(parts) != 3 or parts[0]:
        raise ValueError(
            f"course/tasks/{name}/text.md does not begin with front matter between two lines ---"
        )
    return parts
