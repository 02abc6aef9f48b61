"""A learner's kernel: what its cells show, and what ends it."""

import pytest

from nbgrader_apart.messages import text
from nbgrader_apart.processes import kernel
from nbgrader_apart.wire.stopwatch import Stopwatch
from support.cells_in_kernel import names, run

pytestmark = pytest.mark.slow

LOUD = """
import sys
print("one")
print("two", file=sys.stderr)
6 * 7
"""
DISPLAYS = """
from IPython.display import clear_output, display
print("gone")
clear_output()
handle = display("first", display_id=True)
handle.update("second")
"""
DEAF = """
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        continue
"""
FORGED = [
    "'display_data', {'data': 7}",
    "'execute_reply', {}",
    "'stream', {'name': 'stdout', 'text': ['\\r']}",
    "'display_data', {'data': {}, 'metadata': {}, 'transient': {'display_id': []}}",
]
KEYS = """
wire = get_ipython().display_pub.session.wire
keys = (b"\\xc7\\x0c\\x02" + (k * ((1 << 61) - 1)).to_bytes(12, "little") + b"\\xc0" for k in range(40_000))
body = b"\\xdf" + (40_000).to_bytes(4, "big") + b"".join(keys)
wire.sock.sendall(len(body).to_bytes(4, "little") + body)
"""


@pytest.mark.parametrize("warm", [True, False])
def test_outputs_come_in_order_as_in_any_notebook(start, warm):
    learners = start(warm=warm)
    cell = run(learners, LOUD)
    assert names(cell) == ["stdout", "stderr", "execute_result"]
    assert [output.get("text") for output in cell.outputs[:2]] == ["one\n", "two\n"]
    assert cell.outputs[2].data == {"text/plain": "42"}
    assert cell.execution_count == 1
    cell = run(learners, "print('before')\n1 / 0")
    assert names(cell) == ["stdout", "ZeroDivisionError"]
    assert "Cell" in cell.outputs[1].traceback[2]
    assert cell.execution_count == 2
    assert not learners.stopped


def test_what_programs_print_is_shown_once_and_in_the_order_of_cells(start):
    learners = start()
    run(learners, "import os, subprocess, sys")
    cell = run(learners, "os.system('echo one; echo two >&2')\nprint('three')")
    assert {output.get("name"): output.get("text") for output in cell.outputs if "name" in output} == {
        "stdout": "three\none\n", "stderr": "two\n",
    }  # fmt: skip
    assert run(learners, "subprocess.run(['echo', 'four'], stdout=sys.stdout);").outputs[0].text == "four\n"
    assert run(learners, "pass").outputs == []


def test_a_display_can_be_cleared_and_updated(start):
    cell = run(start(), DISPLAYS)
    assert [output.data["text/plain"] for output in cell.outputs] == ["'second'"]


def test_await_works_and_input_does_not(start):
    learners = start()
    assert names(run(learners, "import asyncio\nawait asyncio.sleep(0.01)\n'done'")) == ["execute_result"]
    assert names(run(learners, "input()")) == ["StdinNotImplementedError"]


def test_a_learner_may_put_anything_in_the_place_of_the_streams(start):
    learners = start()
    assert names(run(learners, "import sys\nprint('before')\nsys.stdout = sys.stderr = None")) == ["stdout"]
    assert names(run(learners, "7")) == ["execute_result"]


def test_a_long_cell_is_interrupted_and_the_next_one_runs(start):
    learners = start(cell_seconds=1)
    cell = run(learners, "print('begun')\nwhile True:\n    pass")
    assert names(cell) == ["stdout", "KeyboardInterrupt", "CellTimeoutError"]
    assert names(run(learners, "1")) == ["execute_result"]


@pytest.mark.parametrize("budget", [{"cell_seconds": 1}, {"notebook_seconds": 1}])
def test_an_interrupt_is_explained_though_the_graders_clock_is_behind(start, monkeypatch, budget):
    measured = Stopwatch.seconds
    monkeypatch.setattr(Stopwatch, "seconds", lambda watch: measured(watch) - 0.2)
    learners = start(**budget)
    cell = run(learners, "while True:\n    pass")
    assert names(cell)[:2] == ["KeyboardInterrupt", "CellTimeoutError"]
    assert bool(learners.stopped) == ("notebook_seconds" in budget)


def test_what_was_printed_survives_a_cell_that_cannot_be_interrupted(start, monkeypatch):
    monkeypatch.setattr(kernel, "GRACE", 1)
    learners = start(cell_seconds=1)
    cell = run(learners, f"print('begun')\n{DEAF}")
    assert names(cell) == ["stdout", "GradingStopped"]
    assert learners.stopped == text("run.unresponsive")
    assert run(learners, "1").outputs[0].evalue == text("run.skipped")


@pytest.mark.parametrize("source", ["exit()", "import os\nos._exit(0)", "import os\nos.kill(os.getpid(), 9)"])
def test_a_cell_that_ends_the_process_ends_the_notebook(start, source):
    learners = start()
    run(learners, source)
    run(learners, "1")
    assert learners.stopped == text("run.dead")


def test_a_notebook_that_says_too_much_is_ended(start):
    learners = start(output_mb=1)
    run(learners, "print('x' * 700_000)")
    assert not learners.stopped
    run(learners, "print('x' * 700_000)")
    assert learners.stopped == text("run.output", limit=1)


@pytest.mark.parametrize("message", FORGED)
def test_a_forged_message_ends_its_own_notebook(start, message):
    learners = start()
    run(learners, f"get_ipython().display_pub.session.send(None, {message})")
    assert learners.stopped


def test_a_map_of_keys_of_one_hash_ends_its_own_notebook(start):
    learners = start()
    run(learners, KEYS)
    assert learners.stopped == text("run.malformed", reason="NotPlain")


def test_an_impossible_number_of_the_execution_is_none(start):
    learners = start()
    reply = "'execute_reply', {'execution_count': 1 << 60}"
    assert run(learners, f"get_ipython().display_pub.session.send(None, {reply})").execution_count is None
    assert not learners.stopped


def test_a_long_line_takes_the_grader_no_longer_than_its_share(start, assert_linear):
    learners = start(output_mb=64)  # it is measured many times

    def prints(n):
        return f"print('\\r\\n' + 'x' * {n})"

    assert_linear(lambda source: run(learners, source), prints, 60_000)
    assert not learners.stopped
