"""The texts of course/ as jinja2 templates, in any of the course's languages."""

import re
from functools import cache
from pathlib import Path

import jinja2

from course.build import tasks, units
from course.build.paths import COURSE


SOLUTION_MARK = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n", re.MULTILINE)


class _Loader(jinja2.FileSystemLoader):
    """Reads a template as `say` has it."""

    def __init__(self, say: units.Say):
        super().__init__(COURSE)
        self._say = say

    def get_source(self, environment, template):
        source, *rest = super().get_source(environment, template)
        return _translated(source, Path(template), self._say, environment), *rest


@cache
def environment(say: units.Say) -> jinja2.Environment:
    """Renders the templates of course/ as `say` has them: Markdown and Python, so nothing is escaped."""
    found = jinja2.Environment(
        loader=_Loader(say),
        undefined=jinja2.StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    found.filters["solved"] = _solved
    return found


def task(name: str, say: units.Say) -> jinja2.Template:
    """The text of a notebook, as `say` has it."""
    found = environment(say)
    return found.from_string(_translated(tasks.body(name), Path(f"{name}.md"), say, found))


def shared(name: str, say: units.Say) -> jinja2.Template:
    """A piece of course/shared, as `say` has it."""
    return environment(say).get_template(f"shared/{name}")


def _solved(code: str) -> str:
    """A piece of `shared` with gaps as one whole gap: what the learner has solved in an earlier notebook."""
    return f"### BEGIN SOLUTION\n{SOLUTION_MARK.sub('', code).strip()}\n\n\n### END SOLUTION"


def _translated(source, path, say, environment):
    if path.suffix == ".py":
        return units.translated_code(source, path.name, say)
    return units.translated_text(source, path.stem, say, environment)
