"""A translation that is missing, old or says something else is found; editions differ in words alone."""

import ast
import json
import shutil

import nbformat
import pytest

from course.build import new_task, notebook_text, single_file, source_notebooks, start_page, tasks, translation, units
from course.build.editions import EDITIONS, ORIGINAL, TRANSLATIONS
from course.build.paths import CHECKS

FIRST = "task-1-first"


@pytest.fixture
def esperanto(course, tmp_path, monkeypatch):
    """A third language for a course of one task, begun as docs/authors.md says; its file."""
    monkeypatch.setattr(translation, "LOCALE", tmp_path / "locale")
    translation.LOCALE.mkdir()
    shutil.copy(new_task.SKELETON / "wrong.toml", course.tasks / FIRST)
    translation.file("eo").touch()
    _forget()
    yield translation.file("eo")
    _forget()


def _forget():
    for cached in (translation._read, translation.into, notebook_text.messages):
        cached.cache_clear()


def translated(path, sentences):
    """Write translations, {text: what stands for it}, into a file of gettext."""
    text = path.read_text("utf-8")
    for before, after in sentences.items():
        assert f'msgid "{before}"\nmsgstr ""' in text
        text = text.replace(f'msgid "{before}"\nmsgstr ""', f'msgid "{before}"\nmsgstr "{after}"')
    path.write_text(text, "utf-8")
    _forget()


def test_a_third_language_is_a_file_to_fill_in(esperanto, course):
    assert translation.update("eo").startswith("eo: translated 0, fuzzy 0, missing ")
    ten = {sentence: f"{number}a" for number, sentence in enumerate(list(notebook_text.messages().values())[:10])}
    translated(esperanto, {"## Что считаем": "## Kion ni kalkulas"} | ten)
    assert list(notebook_text.messages("eo").values())[:10] == list(ten.values())
    sources = [cell.source for cell in notebook_text.build(FIRST, "eo").cells]
    assert "## Kion ni kalkulas" in "\n".join(sources)
    assert "## Что считаем" in "\n".join(cell.source for cell in notebook_text.build(FIRST).cells)
    assert "translated 11, fuzzy 0" in translation.update("eo")


def test_a_changed_sentence_needs_a_look_at_its_translation(esperanto, course):
    translation.update("eo")
    translated(esperanto, {"## Что считаем": "## Kion ni kalkulas"})
    assert not [one for one in translation.problems("eo") if "Что считаем" in one]
    text = course.tasks / FIRST / "text.md"
    text.write_text(text.read_text("utf-8").replace("## Что считаем", "## Что мы считаем"), "utf-8")
    found = [one for one in translation.problems("eo") if f"{FIRST}», «## Что" in one]
    assert found == [
        f"eo.po, «{FIRST}», «## Что мы считаем»: not translated; run make translate and translate it",
        f"eo.po, «{FIRST}», «## Что считаем»: nobody says it; run make translate",
    ]
    assert ", fuzzy 1, " in translation.update("eo")
    _forget()
    assert [one for one in translation.problems("eo") if f"{FIRST}», «## Что" in one] == [
        f"eo.po, «{FIRST}», «## Что мы считаем»: the text has changed; look at its translation and delete the mark fuzzy"
    ]
    assert notebook_text.render(FIRST, "eo").count("## Что мы считаем") == 1


@pytest.mark.parametrize(
    ("text", "translation_", "lost"),
    [
        ("у {name} форма {shape}", "{name} has a shape", ["{shape}"]),
        ("вес $w_1$, шаг $0{,}5$", "the weight $w_1$, a step of $0.5$", []),
        ("вес $w_1$", "the weight $w_2$", ["$w_1$", "$w_2$"]),
        ("см. `dw`", "see `db`", ["`db`", "`dw`"]),
        ("ячейка `# ВАШ КОД`", "the cell `# YOUR CODE`", []),
        ("[тетрадь](a.ipynb)", "[notebook](b.ipynb)", ["](a.ipynb)", "](b.ipynb)"]),
        ("лежит 2,5", "2.5 lie there", []),
        ("шаг 10", "step 11", ["10", "11"]),
        ("метод backward", "the method", ["backward"]),
        ('<< m.carry("a", "задания 1") >>', '<< m.carry("a", "task 1") >>', []),
        ("<< points >> баллов", "points", ["<<points>>"]),
    ],
)
def test_a_translation_repeats_what_is_no_word(text, translation_, lost):
    assert translation.differences(text, translation_) == lost


@pytest.mark.parametrize("edition", TRANSLATIONS, ids=lambda edition: edition.language)
def test_nothing_of_the_original_language_is_left(edition):
    files = {
        path: path.read_text("utf-8")
        for folder in (edition.source, edition.release, edition.single_file)
        for path in source_notebooks.files(folder)
    }
    for path in edition.single_file.glob("*.ipynb"):
        files |= dict(single_file.unpacked(nbformat.read(path, as_version=4)))
    assert len(files) > 100
    assert [str(name) for name, text in files.items() if units.LETTERS.search(text)] == []


@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.parametrize("edition", TRANSLATIONS, ids=lambda edition: edition.language)
def test_cells_points_and_code_are_those_of_the_original(edition, name):
    ours, first = (notebook_text.build(name, each.language).cells for each in (edition, ORIGINAL))
    assert [(cell.id, cell.cell_type, shape(cell)) for cell in ours] == [
        (cell.id, cell.cell_type, shape(cell)) for cell in first
    ]


def shape(cell):
    """Everything of a cell but its words."""
    about = {key: value for key, value in cell.metadata.items() if key != "title"}
    if cell.cell_type != "code":
        return about
    tree = ast.parse(cell.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):  # words stand elsewhere between the values
            node.values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return about, ast.dump(tree)


def test_each_edition_has_one_catalogue_of_messages():
    assert [path.name for path in (CHECKS / "messages").glob("*.json")] == ["ru.json"]
    for edition in EDITIONS:
        (path,) = (edition.source / "checks" / "messages").glob("*.json")
        assert path.stem == edition.language
        assert json.loads(path.read_text("utf-8")) == notebook_text.messages(edition.language)
        assert (edition.source / start_page.NAME).read_text("utf-8") == start_page.render(edition.language)
