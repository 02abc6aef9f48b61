"""What reads a submission takes time in proportion to its size, whatever the submission holds."""

import contextlib
import json
import resource

import msgpack
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbgrader_apart.intake import notebook_reader
from nbgrader_apart.intake.dropped_outputs import without_outputs
from nbgrader_apart.intake.notebook_reader import CELLS, CONTAINERS, SubmittedCell, read_notebook
from nbgrader_apart.intake.rebuild import TICK, rebuild
from nbgrader_apart.intake.submitted_files import Refused
from nbgrader_apart.messages import text
from nbgrader_apart.model.syntax import without_ipython
from nbgrader_apart.processes.cell_outputs import COPIES, MOST, Outputs
from nbgrader_apart.record import manual_review, safe_outputs
from nbgrader_apart.record.allow_list import AllowList
from nbgrader_apart.wire.arrays import NotPlain
from nbgrader_apart.wire.values import KEYS, ValueReader, ValueWriter, array_as_it_is

pytestmark = pytest.mark.slow

TAGS = [
    "<p><i c={}>",
    "<b c={}>",
    "<div>",
    "<ul><li>",
    "<a><b><div></a>",
    "<b>x</b>",
    "<td>x</td>",
    "<b a='<b",
]
TAGS += ["<!--", "java ", "data:", "&lt;"]
P = (1 << 61) - 1  # Python's hash of an integer is the rest that this leaves

# --- what was submitted


@pytest.mark.parametrize("part", ["\n", " ", "- ", "\n- ", "[ ", "[\n", "[\t]"])
def test_the_tick_is_looked_for(assert_linear, part):
    assert_linear(TICK.search, lambda n: part * n, 30_000)


@pytest.mark.parametrize("part", ["\r", "\r\n", "\0", ["\r"], "\ud800"])
def test_a_source_is_cleaned(assert_linear, part):
    assert_linear(notebook_reader.clean, lambda n: part * n, 50_000)


@pytest.mark.parametrize("source", ["# same", "# {0}", "{0} = 1", "# {1}"])
def test_cells_find_their_places(assert_linear, source):
    originals = [new_markdown_cell("# same"), *(new_markdown_cell(f"# {n}") for n in range(20))]
    course = new_notebook(cells=[*originals, new_code_cell("x")])

    def cells(n):
        return [SubmittedCell("code", source.format(i, i % 20), None, None) for i in range(n)]

    assert_linear(lambda cells: rebuild(course, cells, []), cells, CELLS // 4)


FLIPPED = rb'"outputs":[\\"'  # a bracket that is outside of a string for its own list only
PIECES = [
    b'"outputs":[',
    b'"outputs":[]',
    FLIPPED,
    b'"outputs":[""',
    b'"',
    b'\\"',
    b"\\",
    b'"outputs"',
    b'"outputs" ',
]
PIECES += [b'"outputs":["', b'"outputs":[[],', b'"a",', b"[", b"{}", b" ", b'"outputs":{"outputs":[]}']


@pytest.mark.parametrize("first", [b"", b'"', b'"outputs":[', b'"outputs":["'])
@pytest.mark.parametrize("part", PIECES)
def test_outputs_are_looked_for(assert_linear, first, part):
    def drop(data):
        with contextlib.suppress(ValueError):
            without_outputs(data, len(data))

    assert_linear(drop, lambda n: first + part * (n // len(part)), 400_000)


def test_outputs_that_are_dropped_take_little_room():
    """Strings, escapes and brackets leave nothing behind while they are passed."""
    for part in (b"\\n<td>", b'"a",', b"[],", b"1,"):
        data = b'{"cells": [{"outputs": ["' + part * (4_000_000 // len(part)) + b'"]}]}'
        data = data if part[:1] == b"\\" else data.replace(b'["', b"[", 1).replace(b'"]', b"0]", 1)
        before = peak()
        assert len(without_outputs(data, len(data))) < 100
        assert peak() - before < 8 << 20


def peak():
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@pytest.mark.parametrize("part", ["<", "=", ">", "<<<<<<<\n", "\n"])
def test_marks_of_a_merge_are_looked_for(assert_linear, part):
    assert_linear(notebook_reader.has_conflict, lambda n: part * n, 100_000)


@pytest.mark.parametrize(
    "place", ['{"cells": [#{}]}', '{"metadata": [#{}]}', '{"cells": [{"outputs": 0, "a": [#{}]}]}']
)
@pytest.mark.parametrize("part", ["{},", "[],", "[[]],", '{"a": {}},'])
def test_nothing_is_built_of_millions_of_parts(monkeypatch, place, part):
    reason = text("intake.too_long")
    monkeypatch.setattr(json, "loads", None)  # is not called
    with pytest.raises(Refused, match=reason):
        read_notebook(place.replace("#", part * CONTAINERS).encode(), "x")


def test_parts_of_outputs_do_not_count():
    notebook = '{"cells": [{"cell_type": "code", "source": "x", "outputs": [#{}]}]}'
    [cell] = read_notebook(notebook.replace("#", "[]," * CONTAINERS).encode(), "x")
    assert cell.source == "x"


def test_a_notebook_of_too_many_cells_is_refused_before_they_are_read(monkeypatch):
    read = []
    monkeypatch.setattr(
        notebook_reader, "read_cell", lambda cell: read.append(cell) or SubmittedCell("code", "", None, None)
    )
    with pytest.raises(Refused, match=text("intake.too_long")):
        read_notebook(json.dumps({"cells": [{}] * 3 * CELLS}).encode(), "x")
    assert len(read) <= CELLS


# --- what its cells show


def stream(printed, name="stdout"):
    return "stream", {"name": name, "text": printed}


def display(kind, shown, display=None):
    return kind, {"data": {"text/plain": shown}, "metadata": {}, "transient": {"display_id": display}}


def taken(messages):
    outputs = Outputs()
    for kind, content in messages:
        outputs.take(kind, content)
    return outputs.nodes(1)


@pytest.mark.parametrize(
    ("size", "messages"),
    [
        (50_000, lambda n: [stream("\r\n" + "x" * n)]),
        (50_000, lambda n: [stream("x" * n + "\r\n"), stream("\r\n\r" * n)]),
        (50_000, lambda n: [stream("x" * 50)] * n),
        (400, lambda n: [stream("x", "stdout" if i % 2 else "stderr") for i in range(n)]),
        (200, lambda n: [display("display_data", "x", "a")] * n),
        (200, lambda n: [display("display_data", "x", "a"), display("update_display_data", "x", "a")] * n),
        (200, lambda n: [display("display_data", "x", f"a{i}") for i in range(n)]),
        (200, lambda n: [display("display_data", "x"), ("clear_output", {"wait": True})] * n),
    ],
)
def test_messages_become_outputs(assert_linear, size, messages):
    assert_linear(taken, messages, size)


def test_outputs_are_as_in_any_notebook():
    found = taken(
        [stream("a\rb"), stream("c\r\nd\r"), display("display_data", "1", "i"), stream("e", "stderr")]
    )
    assert [output.get("text") or output.data["text/plain"] for output in found] == ["bc\r\nd\r", "1", "e"]
    found = taken([stream("a"), ("clear_output", {"wait": True}), display("display_data", "1", "i")] * 2)
    assert [output.data for output in found] == [{"text/plain": "1"}]
    twice = [display("display_data", "1", "i"), display("display_data", "2", "i")]
    found = taken(
        [*twice, display("update_display_data", "3", "i"), display("update_display_data", "4", "j")]
    )
    assert [output.data["text/plain"] for output in found] == ["3", "3"]


def test_outputs_are_no_more_than_can_be_shown():
    found = taken([display("display_data", str(i)) for i in range(MOST + 5)])
    assert found[-1].text == text("run.many")
    assert len(found) == MOST + 1
    found = taken(
        [display("display_data", "1", "i")] * MOST + [display("update_display_data", "x" * 10**6, "i")]
    )
    assert len(found) == COPIES + 1


@pytest.mark.parametrize("form", ["text/html", "text/markdown"])
@pytest.mark.parametrize("part", TAGS)
def test_what_is_shown_is_cleaned(assert_linear, form, part):
    def source(n):
        return "".join(part.format(i) for i in range(n // len(part)))

    assert_linear(lambda source: safe_outputs.form(form, source), source, safe_outputs.TEXT // 5)


# --- what is read of the learner's code


ALLOWED = AllowList.of(
    {
        "tests": ["t"],
        "modules": {"math": ["pi"], "math.inner": ["e"]},
        "builtins": ["len"],
        "course": ["course"],
        "machinery": ["f_back"],
    }
)


@pytest.mark.parametrize(
    "part",
    [
        ".b",
        ".b()",
        "[0].b",
        "[0]",
        " + a",
        " ** a",
        "(len)",
        " if a else a",
        "[lambda: a]",
        ".b(a.b)",
        "[a[0]]",
        " + 'course.x from  course f_back {0[a].b}'.format",
        "(getattr(a, 'b'), isinstance(a, a.b | (a, a[a])))",
    ],
)
def test_what_code_names(assert_linear, part):
    def cells(n):
        return [("own", f"import math as a\nf = a{part * n}\n" + f"a{part * 3}\n" * n)]

    assert_linear(lambda cells: manual_review.questions(cells, {"t": "f"}, ALLOWED), cells, 60)


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!ls",
        "?x",
        "x = !ls",
        "%%time",
        "for a in ('x', 'y'): getattr(self, a)",
        "f = f.g",
        "  ",
    ],
)
def test_lines_that_only_ipython_reads(assert_linear, line):
    def cells(n):
        return [("own", f"%time f = 1\n{f'{line}{chr(10)}' * n}")]

    assert_linear(lambda cells: manual_review.questions(cells, {"t": "f"}, ALLOWED), cells, 200)


@pytest.mark.parametrize(
    "cell",
    [
        "exec('{0}')",
        "f{0} = f{1}\nexec('')",
        "f{1} = f{0}\nexec('')",
        "f = f{0}\nexec('')",
        "f{0} = f{1}.trick",
    ],
)
def test_code_that_rests_on_other_code(assert_linear, cell):
    def cells(n):
        return [("own", cell.format(i, i + 1)) for i in range(n)]

    assert_linear(lambda cells: manual_review.questions(cells, {"t": "f0"}, ALLOWED), cells, 100)


@pytest.mark.parametrize("part", ["%a", "% ", "a", " ", "a ", "a=", "a?", "?", "\n%", "\na?", "=!"])
def test_lines_of_ipythons_are_looked_for(assert_linear, part):
    assert_linear(without_ipython, lambda n: part * n, 30_000)


# --- what comes over a wire


def integer_keys(n, step):
    return msgpack.packb(dict.fromkeys(range(n))) if step == 1 else large_keys(n, step)


def large_keys(n, step):
    keys = (
        msgpack.packb(msgpack.ExtType(2, (k * step).to_bytes(12, "little", signed=True))) for k in range(n)
    )
    return b"\xdf" + n.to_bytes(4, "big") + b"".join(key + b"\xc0" for key in keys)


@pytest.mark.parametrize("step", [1, P])
def test_maps_of_integer_keys(assert_linear, step):
    def read(data):
        with contextlib.suppress(NotPlain):
            return ValueReader().read(data)

    assert_linear(read, lambda n: integer_keys(n, step), KEYS // 4)


@pytest.mark.parametrize(
    "value", [dict.fromkeys(range(KEYS)), set(range(KEYS)), dict.fromkeys(map(str, range(3 * KEYS)))]
)
def test_ordinary_keys_cross(value):
    assert ValueReader().read(ValueWriter(array_as_it_is).write(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        {k * P: None for k in range(1, 1000)},
        {k * P for k in range(1, 1000)},
        [dict.fromkeys(range(KEYS // 2))] * 3,
        [set(range(KEYS // 2))] * 3,
    ],
)
def test_keys_that_would_be_compared_with_each_other_do_not_cross(value):
    with pytest.raises(NotPlain):
        ValueReader().read(ValueWriter(array_as_it_is).write(value))
