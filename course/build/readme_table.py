"""What is generated in README.md and README.ru.md: the table of notebooks and the catalogue's totals."""

import re

from course.build import cell_rules, notebook_text, public, tasks, translation
from course.build.editions import EDITIONS, Edition, in_language
from course.build.paths import ROOT

LANGUAGES = {"README.md": "en", "README.ru.md": "ru"}
COLUMNS = {
    "README.md": ("notebook", "other editions", "what the learner writes", "minutes", "points"),
    "README.ru.md": ("тетрадь", "другие издания", "что пишет студент", "минут", "баллов"),
}
SECTION = re.compile(r"(<!-- notebooks -->\n).*?(<!-- /notebooks -->)", re.DOTALL)
TOTALS = re.compile(r"^> mistakes caught .+$", re.MULTILINE)


def write():
    """Put the fresh table into both files."""
    for name in COLUMNS:
        (ROOT / name).write_text(_fresh(name), encoding="utf-8")


def stale():
    """Names of the files whose table is not what the notebooks say."""
    return [name for name in COLUMNS if (ROOT / name).read_text(encoding="utf-8") != _fresh(name)]


def _fresh(name):
    current = (ROOT / name).read_text(encoding="utf-8")
    return SECTION.sub(lambda section: section[1] + _table(name) + section[2], current)


def _table(readme):
    lines = ["| " + " | ".join(COLUMNS[readme]) + " |", "|:--|:--|:--|--:|--:|"]
    own = in_language(LANGUAGES[readme])
    for name in tasks.names():
        front = tasks.front_as(name, translation.into(own.language))
        notebook = notebook_text.build(name)
        points = sum(cell.metadata.nbgrader.points for cell in cell_rules.test_cells(notebook))
        written = ", ".join(f"`{item}`" for item in cell_rules.contract_names(notebook))
        link = f"{_link(own, name, front.title)} {public.badges(own, name)}".strip()
        other = ", ".join(_link(edition, name, edition.language) for edition in EDITIONS if edition != own)
        lines.append(f"| {link} | {other} | {written} | {front.minutes} | {points} |")
    return "\n".join(lines) + "\n"


def _link(edition: Edition, name: str, words: str) -> str:
    return f"[{words}]({(edition.source / name).relative_to(edition.root)}.ipynb)"


def write_totals(sentence: str) -> None:
    """Put the catalogue's totals into both files."""
    for name in COLUMNS:
        path = ROOT / name
        current = path.read_text(encoding="utf-8")
        path.write_text(TOTALS.sub(lambda _: f"> {sentence}", current), encoding="utf-8")


def stale_totals(sentence: str) -> list[str]:
    """A sentence for each of the files that says other totals of the catalogue."""
    return [
        f"{name} is stale: it must say «{sentence}»; run make mistakes"
        for name in COLUMNS
        if f"> {sentence}\n" not in (ROOT / name).read_text(encoding="utf-8")
    ]
