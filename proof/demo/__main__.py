"""`python -m proof.demo`, which says in one sentence when a package is missing."""

import sys

try:
    from proof.demo.demo import main

    main()
except ModuleNotFoundError as error:
    sys.exit(f"error: {error.name} is not installed: run make setup")
