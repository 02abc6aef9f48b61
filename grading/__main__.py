"""`python -m grading`, which says in one sentence when a package is missing."""

import sys

from .messages import text
from .startup import without_address_parser

without_address_parser()

try:
    from .commands import app

    app(prog_name="python -m grading")
except ModuleNotFoundError as error:
    absent = text("doctor.not_installed", name=error.name)
    sys.exit(text("doctor.packages", wrong=absent, files="-r requirements-dev.txt"))
