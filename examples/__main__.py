"""`python -m examples`, which says in one sentence when a package is missing."""

import sys

try:
    from .commands import main

    main()
except ModuleNotFoundError as error:
    sys.exit(f"error: {error.name} is not installed: run pip install -r requirements-dev.txt")
