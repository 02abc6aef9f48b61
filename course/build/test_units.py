"""What a translator works on is found whole, and nothing else of a text changes."""

import pytest

from course.build import tasks, templates, units
from course.build.paths import SHARED

TEXT = """\
# Заголовок

Первый абзац
в две строки, << m.carry("task", "семинара 1") >>.

| знак | форма |
|:--|:--|
| x | `(k,)` |

<% call m.fold("Ответ") %>
Сумма $x_1 + x_2$.
<% endcall %>
<# a note, заметка, for authors #>

```python solution="loss"
def f(x):
    \"\"\"Сумма.

    x: числа
    \"\"\"
<% include "shared/loss.py" %>
    print(f"ответ {x}", 'шаг')  # вместе
    return x
```

````hints
Сложите.
---
Формула
---
    total = …  # сумма
````
"""
FOUND = [
    ("task", "# Заголовок"),
    ("task", 'Первый абзац\nв две строки, << m.carry("task", "семинара 1") >>.'),
    ("task", "| знак | форма |\n|:--|:--|\n| x | `(k,)` |"),
    ("task", "Ответ"),
    ("task", "Сумма $x_1 + x_2$."),
    ("task: loss", "Сумма.\n\n    x: числа\n    "),
    ("task: loss", "ответ {x}"),
    ("task: loss", "шаг"),
    ("task: loss", "вместе"),
    ("task: loss", "Сложите."),
    ("task: loss", "Формула"),
    ("task: loss", "    total = …  # сумма"),
]
AS_IT_IS = templates.environment(lambda context, text: text)


def found(source):
    """The units of a text, and the text with each of them between brackets."""
    seen = []

    def say(context, text):
        seen.append((context, text))
        return f"[{text}]"

    return seen, units.translated_text(source, "task", say, AS_IT_IS)


def test_each_piece_is_a_unit_and_its_context_the_cell_above():
    seen, bracketed = found(TEXT)
    assert seen == FOUND
    assert bracketed.replace("[", "").replace("]", "") == TEXT.replace("[", "").replace("]", "")


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.py")), ids=lambda path: path.name)
def test_nothing_russian_is_left_out_of_code(path):
    source = path.read_text("utf-8")
    assert units.translated_code(source, "", lambda context, text: text) == source
    assert not units.LETTERS.search(units.translated_code(source, "", lambda context, text: ""))


@pytest.mark.parametrize("name", [*tasks.names(), *sorted(path.name for path in SHARED.glob("*.md"))])
def test_nothing_russian_is_left_out_of_a_text(name):
    source = tasks.body(name) if name in tasks.names() else (SHARED / name).read_text("utf-8")
    assert units.translated_text(source, "", lambda context, text: text, AS_IT_IS) == source
    assert not units.LETTERS.search(units.translated_text(source, "", lambda context, text: "", AS_IT_IS))


def test_code_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no Python code"):
        units.translated_code("def f(:\n  'строка", "", lambda context, text: text)


def test_a_statement_behind_blanks_is_refused():
    with pytest.raises(ValueError, match="begin it at the line's start"):
        found("текст\n\n  <% if True %>\nещё\n  <% endif %>\n")
