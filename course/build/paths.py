"""Where the course's parts lie."""

from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
ROOT = COURSE.parent
TASKS, SHARED, CHECKS = COURSE / "tasks", COURSE / "shared", COURSE / "checks"
SETTINGS = COURSE / "settings.toml"
MESSAGES = CHECKS / "messages" / "ru.json"
