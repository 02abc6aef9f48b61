"""Endless loops of a learner's end with a sentence; Stop ends a check with one line."""

import _thread
import gc
import sys
import threading
import time

import checks
import numpy as np
import pytest
import torch
from checks import CheckFailed, patience, pictures, standins, watch
from checks.outcome import Stop
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course.build.paths import ROOT

ENDLESS = """
class Layer(standins.Layer):
    def forward(self, inputs):
        while True:
            try:
                pass
            except Exception:
                pass
"""


def forever(*_):
    while True:
        pass


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """The limits are a hundredth of what they are for learners."""
    monkeypatch.setattr(patience, "SECONDS", 0.1)
    monkeypatch.setattr(patience, "LEAST", 0.01)


class Stuck(standins.Layer):
    """A layer that never answers."""

    forward = backward = step = forever


class ByHand(standins.Layer):
    """A right answer to what is asked for its weights."""

    def backward(self, inputs, dldy):
        self.dw = inputs.T @ dldy


@pytest.mark.parametrize("ask", ["table", "forward", "dw", "step"])
def test_an_endless_loop_ends_with_a_sentence(ask, capsys):
    started = time.monotonic()
    with pytest.raises(CheckFailed) as failed:
        getattr(checks.dense_layer, ask)(Stuck)
    assert failed.value.key == "call.endless"
    assert time.monotonic() - started < 5


def test_a_bare_except_does_not_make_it_endless(capsys):
    class Swallows(standins.Layer):
        def forward(self, inputs):
            while True:
                try:
                    pass
                except:  # noqa: E722
                    continue

    with pytest.raises(CheckFailed) as failed:
        checks.dense_layer.forward(Swallows)
    assert failed.value.key == "call.endless"


@pytest.fixture
def interrupted_often(monkeypatch):
    """Interrupts come every millisecond, at the next instruction, and never in hypothesis's hook of gc."""
    monkeypatch.setattr(patience, "AGAIN", 1e-3)  # so that a limit's own end is interrupted too
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    gc.disable()
    yield
    gc.enable()
    sys.setswitchinterval(often)


def test_torch_is_itself_again_whenever_the_interrupt_comes(monkeypatch, interrupted_often, capsys):
    functions = {name: getattr(np, name) for name in ("dot", "array", "multiply")}
    tensor, ended = torch.ones(2, requires_grad=True), 0
    for trial in range(5000):
        if trial >= 300 and ended > 20:  # on a busy machine most checks end before they are interrupted
            break
        monkeypatch.setattr(patience, "SECONDS", trial % 300 * 1e-5)
        monkeypatch.setattr(patience, "LEAST", 0)
        try:
            checks.dense_layer.dw(ByHand)
        except CheckFailed as failed:
            ended += failed.key == "call.endless"
        assert torch.is_grad_enabled()
        assert not watch._active
        assert {name: getattr(np, name) for name in functions} == functions
        tensor.sum().backward()  # by torch's own engine, with nobody looking on
    assert ended > 20


def test_a_picture_of_it_ends_too(capsys):
    with pytest.raises(CheckFailed, match=r"цикл не\s+заканчивается"):
        pictures.gradient_maps(Stuck)


def forever_until_stopped():
    with patience.Patience().limit():
        threading.Timer(0.02, _thread.interrupt_main).start()
        forever()


def test_stop_is_not_taken_for_an_endless_loop():
    with pytest.raises(patience.Interrupted):
        forever_until_stopped()


def test_nothing_is_interrupted_that_has_ended():
    for _ in range(200):
        limit = patience.Patience()
        limit._left = patience.LEAST / 10
        try:
            with limit.limit():
                time.sleep(patience.LEAST)
        except Stop:
            pass
        sum(range(1000))  # an interrupt that comes late would be raised here
    assert threading.active_count() < 20


def test_grading_and_other_threads_have_limits_of_their_own(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with patience.Patience().limit():
        time.sleep(0.3)
    monkeypatch.delenv("NBGRADER_EXECUTION")
    passed = []

    def elsewhere():
        with patience.Patience().limit():
            time.sleep(0.3)
        passed.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert passed


def test_in_a_notebook_both_are_one_line():
    """A kernel as the learner has it; the second check is stopped as the toolbar's button does."""
    preparation = (
        "import checks, _thread, threading\nfrom checks import patience, standins\npatience.SECONDS = 1"
    )
    stop = "threading.Timer(0.5, _thread.interrupt_main).start()\n"
    cells = [preparation + ENDLESS, "checks.dense_layer.forward(Layer)", "patience.SECONDS = 60"]
    notebook = new_notebook(
        cells=[*map(new_code_cell, cells), new_code_cell(stop + cells[1]), new_code_cell("1")]
    )
    client = NotebookClient(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(ROOT / "course")}}
    )
    client.execute()
    _, endless, _, stopped, after = notebook.cells
    said = " ".join(endless.outputs[-1].traceback)
    assert "дольше 1 с и остановлен: похоже, цикл не заканчивается" in said
    assert "Это случилось в forward, строка" in said
    assert stopped.outputs[-1].traceback == ["Проверка остановлена."]
    assert after.outputs[0].data["text/plain"] == "1"
