"""The table of notebooks in README.md and README.ru.md, made from the notebooks' own headers."""

import re
from pathlib import Path

from . import cells, text

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = {
    "README.md": ("notebook", "what the learner writes", "minutes", "points"),
    "README.ru.md": ("тетрадь", "что пишет студент", "минут", "баллов"),
}
SECTION = re.compile(r"(<!-- notebooks -->\n).*?(<!-- /notebooks -->)", re.DOTALL)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
NUMBERS = re.compile(r"\| (\d+) минут \| (\d+) \|$", re.MULTILINE)


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
    lines = ["| " + " | ".join(COLUMNS[readme]) + " |", "|:--|:--|--:|--:|"]
    for name in text.names():
        rendered = text.render(name)
        minutes, points = NUMBERS.search(rendered).groups()
        written = ", ".join(f"`{item}`" for item in cells.contract_names(text.build(name)))
        link = f"[{TITLE.search(rendered)[1]}](source/backprop/{name}.ipynb)"
        lines.append(f"| {link} | {written} | {minutes} | {points} |")
    return "\n".join(lines) + "\n"
