"""Where the course can be read by everybody, and the badges that open a notebook there."""

import re
import tomllib

from course.build.editions import Edition
from course.build.paths import SETTINGS

ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+/blob/[\w./-]+?)/?")
BADGES = (
    ("Colab", "https://colab.research.google.com/assets/colab-badge.svg", "https://colab.research.google.com/github/{}"),
    ("Kaggle", "https://kaggle.com/static/images/open-in-kaggle.svg", "https://kaggle.com/kernels/welcome?src=https://github.com/{}"),
)  # fmt: skip


def address() -> str:
    """The setting `public_address` without a slash at its end; "" when there is none. Raises ValueError."""
    found = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["public_address"]
    if found and not ADDRESS.fullmatch(found):
        raise ValueError(f"course/settings.toml: {found!r} is not like https://github.com/OWNER/NAME/blob/main")
    return found.rstrip("/")


def badges(edition: Edition, notebook: str) -> str:
    """Badges that open the single file of the notebook; "" without a public address."""
    match = ADDRESS.fullmatch(address())
    if match is None:
        return ""
    place = f"{match[1]}/{edition.single_file.relative_to(edition.root)}/{notebook}.ipynb"
    return " ".join(f"[![{name}]({picture})]({link.format(place)})" for name, picture, link in BADGES)
