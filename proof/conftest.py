"""pytest for the whole course: slow files first, and how long the cells of each notebook took under nbval."""

import gc
from collections import Counter

import pytest

from nbgrader_apart.messages import speak
from nbgrader_apart.startup import without_alembic_command

speak("ru")  # the course's language, in which tests read what is said


def pytest_collection_modifyitems(items):
    """Slow files start first: a long one that starts last would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    without_alembic_command()


def pytest_collection_finish():
    """What has been imported stays: no later collection of garbage goes through it, in forks neither."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Seconds per notebook; starting its kernel is not counted."""
    seconds = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        path = report.nodeid.partition("::")[0]
        if path.endswith(".ipynb") and report.when == "call":
            seconds[path] += report.duration
    if seconds:
        terminalreporter.section("seconds of the notebooks' own cells")
        for path, total in sorted(seconds.items()):
            terminalreporter.write_line(f"{total:6.1f}  {path}")
