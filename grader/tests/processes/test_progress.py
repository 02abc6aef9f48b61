"""What a run shows while it goes on."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from nbgrader_apart.processes import progress

RUNNING = [SimpleNamespace(student=name) for name in ("ann", "bob", "cleo", "dan")]


@pytest.fixture
def clock(monkeypatch):
    """`clock(seconds)` lets time pass."""
    now = [1000.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def grade_three_of_ten(shown, clock):
    """One of them fails; a minute passes."""
    with shown:
        for failed in (False, True, False):
            shown.advance(failed)
        clock(60)
        shown.tick(RUNNING)


def test_a_terminal_shows_a_bar(clock):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=140)
    grade_three_of_ten(progress.BarProgress("batch", 10, console), clock)
    last = screen.getvalue().split("\r")[-1]
    for seen in ("3/10", "3/мин", "ann, bob, cleo, …", "не оценено: 1"):
        assert seen in last


@pytest.mark.parametrize(
    ("kind", "begins", "ends"),
    [
        ("batch", "Оценено 3 из 10", "не оценено 1"),
        ("pages", "Отзывов составлено: 3 из 10", "не составлено 1"),
    ],
)
def test_a_log_gets_a_line_now_and_then(kind, begins, ends, clock, capsys):
    shown = progress.LineProgress(kind, 10)
    grade_three_of_ten(shown, clock)
    clock(progress.EVERY - 1)
    shown.tick(RUNNING)
    assert capsys.readouterr().out == f"{begins}, 3 в минуту, осталось 2.3 мин, {ends}.\n"


def test_quiet_says_nothing(clock, capsys):
    grade_three_of_ten(progress.progress("batch", 10, quiet=True), clock)
    assert capsys.readouterr().out == ""
