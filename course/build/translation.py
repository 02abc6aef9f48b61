"""The course in other languages: course/locale/<language>.po, kept with Babel."""

import io
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from course.build import tasks, templates, units
from course.build.editions import ORIGINAL
from course.build.paths import COURSE, MESSAGES, SHARED, TASKS

LOCALE = COURSE / "locale"
SENTENCES = ("says", "why", "see")  # of an entry of wrong.toml
# What a translation repeats: placeholders, pieces of templates, formulas, code, links, numbers, names.
REPEATED = re.compile(
    r"<<.*?>>|\{\w*(?:[.:!][^{}]*)?\}|\$\$.+?\$\$|\$.+?\$|`[^`]+`|\]\([^)]*\)|\d+(?:[.,]\d+)*|[A-Za-z_]\w*", re.DOTALL
)


def file(language: str) -> Path:
    """Where the translation into `language` is kept."""
    return LOCALE / f"{language}.po"


@cache
def into(language: str) -> units.Say:
    """What says a text in `language`; a text without a translation stays as it is."""
    if language == ORIGINAL.language:
        return lambda context, text: text
    catalog = _read(language)

    def say(context: str, text: str) -> str:
        entry = catalog.get(text, context)
        return entry.string if entry and entry.string and not entry.fuzzy else text

    return say


def update(language: str) -> str:
    """Bring the file of `language` up to the texts: new entries, fuzzy ones, none that nobody says; its statistics."""
    catalog = _read(language)
    catalog.update(_template())
    stream = io.BytesIO()
    write_po(stream, catalog, width=110, omit_header=True, ignore_obsolete=True)
    file(language).write_bytes(stream.getvalue())
    fuzzy = sum(1 for entry in catalog if entry.id and entry.fuzzy)
    missing = sum(1 for entry in catalog if entry.id and not entry.string)
    return f"{language}: translated {len(catalog) - fuzzy - missing}, fuzzy {fuzzy}, missing {missing}"


def problems(language: str) -> Iterator[str]:
    """A sentence for each text without its translation, and each translation that says something else."""
    catalog, wanted = _read(language), dict.fromkeys(_units())
    for context, text in wanted:
        entry = catalog.get(text, context)
        place = f"{file(language).name}, «{context}», «{_shortened(text)}»"
        if entry is None or not entry.string:
            yield f"{place}: not translated; run make translate and translate it"
        elif entry.fuzzy:
            yield f"{place}: the text has changed; look at its translation and delete the mark fuzzy"
        elif differing := differences(text, entry.string):
            yield f"{place}: only one of text and translation has {', '.join(differing)}"
    for entry in catalog:
        if entry.id and (entry.context, entry.id) not in wanted:
            yield f"{file(language).name}, «{entry.context}», «{_shortened(entry.id)}»: nobody says it; run make translate"


def differences(text: str, translation: str) -> list[str]:
    """Placeholders, formulas, code, links, numbers and names that a text and its translation do not share."""
    before, after = (Counter(map(_plain, REPEATED.findall(one))) for one in (text, translation))
    lost, found = (before - after).elements(), []
    turned = Counter()  # code and pieces with words in them, by their first sign
    for piece in lost:
        if units.LETTERS.search(piece):
            turned[piece[0]] += 1
        else:
            found.append(piece)
    for piece in (after - before).elements():
        if turned[piece[0]]:
            turned[piece[0]] -= 1
        elif not piece[0].isalpha():  # a word of the other language
            found.append(piece)
    return sorted(found)


def _plain(piece: str) -> str:
    """A formula or number without what a language writes in its own way: decimal commas, lists, words."""
    piece = re.sub(r"\\text\{[^}]*\}|\s", "", piece).replace(";", ",")
    return re.sub(r"(?<=\d)(?:,|\{,\})(?=\d)", ".", piece)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


@cache
def _read(language: str) -> Catalog:
    with file(language).open("rb") as stream:
        return read_po(stream, locale=language)


def _template() -> Catalog:
    catalog = Catalog()
    for context, text in _units():
        catalog.add(text, context=context)
    return catalog


def _units() -> list[tuple[str, str]]:
    """(context, text) of all that is translated, in the order of the course."""
    found: dict[tuple[str, str], None] = {}

    def say(context: str, text: str) -> str:
        found[context, text] = None
        return text

    for name in tasks.names():
        tasks.front_as(name, say)
        templates.task(name, say)
        for entry, sentence in _sentences(name):
            say(f"{name}: {entry}", sentence)
    for path in sorted(SHARED.glob("*.md")) + sorted(SHARED.glob("*.py")):
        templates.shared(path.name, say)
    for family, title in tomllib.loads((SHARED / "families.toml").read_text(encoding="utf-8")).items():
        say(f"family {family}", title)
    for key, sentence in json.loads(MESSAGES.read_text(encoding="utf-8")).items():
        say(f"message {key}", sentence)
    return [one for one in found if units.LETTERS.search(one[1])]


def _sentences(name: str) -> Iterator[tuple[str, str]]:
    """(entry, sentence) of the mistakes of a task, and of what the page of typical mistakes writes of them."""
    raw = tomllib.loads((TASKS / name / "wrong.toml").read_text(encoding="utf-8"))
    for entry in raw["entry"]:
        yield from ((entry["name"], entry[field]) for field in SENTENCES)
    yield from ((one["mistake"], one["written"]) for one in raw.get("typical", ()) if "written" in one)
