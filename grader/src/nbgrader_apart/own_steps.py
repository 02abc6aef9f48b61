"""A course's own preprocessors in nbgrader's lists: they stay there, each in its place."""

from collections.abc import Mapping, Sequence

from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from traitlets.config import Config, LazyConfigValue

RUN, SAVE = "RunAndJudge", "SaveGrades"
INSTEAD = {"Execute": RUN, "SaveAutoGrades": SAVE}  # ours take the place of nbgrader's
BEFORE, AFTER = "sanitize_preprocessors", "autograde_preprocessors"


def name(step: object) -> str:
    """What a step is called, whether the list has its class or a path to it."""
    return getattr(step, "__name__", None) or str(step).rpartition(".")[2]


def stock(converter: type[BaseConverter], trait: str) -> list[object]:
    """nbgrader's own list."""
    return converter.class_traits()[trait].default()


def theirs(config: Config, converter: type[BaseConverter], trait: str) -> list[object]:
    """The list that the course has set; nbgrader's own when it has set none."""
    section = config[converter.__name__]
    found = section[trait] if trait in section else stock(converter, trait)
    return list(found.get_value(stock(converter, trait)) if isinstance(found, LazyConfigValue) else found)


def merged(
    config: Config, converter: type[BaseConverter], trait: str, ours: Sequence[object]
) -> list[object]:
    """Our list with the course's own steps, each before that step of ours which follows it there."""
    wanted, found = theirs(config, converter, trait), list(ours)
    known = {*map(name, stock(converter, trait)), *map(name, ours)}
    for place, step in enumerate(wanted):
        if name(step) not in known:
            later = {INSTEAD.get(name(each), name(each)) for each in wanted[place + 1 :]}
            before = (at for at, each in enumerate(found) if name(each) in later)
            found.insert(next(before, len(found)), step)
    return found


def replaced(steps: Sequence[object], instead: Mapping[str, object]) -> list[object]:
    """The list with ours in place of the steps of these names."""
    return [instead.get(name(step), step) for step in steps]


def only_nbgraders(config: Config) -> list[str]:
    """The steps of grading that `nbgrader autograde` runs and `apart grade` does not."""
    steps = [step for trait in (BEFORE, AFTER) for step in theirs(config, Autograde, trait)]
    known = {RUN, SAVE, *(name(step) for trait in (BEFORE, AFTER) for step in stock(Autograde, trait))}
    return list(dict.fromkeys(name(step) for step in steps if name(step) not in known))


def are_in_force(steps: Sequence[object]) -> bool:
    """Whether the list of grading runs learners' code our way, and not nbgrader's."""
    names = set(map(name, steps))
    return {RUN, SAVE} <= names and not names & INSTEAD.keys()
