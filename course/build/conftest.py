"""A course of one task in a folder of its own, for the tests of what builds."""

import shutil
from types import SimpleNamespace

import pytest

from course.build import (
    catalogue,
    mistakes_page,
    new_task,
    notebook_text,
    source_notebooks,
    tasks,
    translation,
)
from course.build.editions import Edition
from course.build.paths import CHECKS

CACHES = (tasks.front, notebook_text.messages, catalogue.reference, catalogue.points)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The folders of a course: `tasks` with task-1-first, the real `checks`, an `edition` without files."""
    folders = SimpleNamespace(
        tasks=tmp_path / "tasks", checks=tmp_path / "checks", edition=Edition("ru", "sheet", tmp_path)
    )
    shutil.copytree(CHECKS, folders.checks, ignore=shutil.ignore_patterns("__pycache__", "test_*.py"))
    (folders.tasks / "task-1-first").mkdir(parents=True)
    shutil.copy(new_task.SKELETON / "text.md", folders.tasks / "task-1-first")
    folders.edition.source.mkdir(parents=True)
    for module in (tasks, catalogue, new_task, translation):
        monkeypatch.setattr(module, "TASKS", folders.tasks)
    for module in (source_notebooks, new_task):
        monkeypatch.setattr(module, "CHECKS", folders.checks)
    for module in (notebook_text, new_task, translation):
        monkeypatch.setattr(module, "MESSAGES", folders.checks / "messages" / "ru.json")
    monkeypatch.setattr(mistakes_page, "render", lambda language: "no mistakes")
    _forget()
    yield folders
    _forget()


def _forget():
    for cached in CACHES:
        cached.cache_clear()
