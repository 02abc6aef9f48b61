"""The register of attacks that are written in Python: each changes a submission's folder."""

import json

from nbgrader_apart.testing.small_course import WRONG
from proof.attacks.case import Attack

ATTACKS = []
NOTEBOOK = "layer.ipynb"


def attack(family, tries, expect="wrong", code=WRONG, shown=(), hidden=None):
    """Enter a function that changes the submission's folder as an attack of its own name."""

    def enter(mutate):
        extra = {} if hidden is None else {"hidden": hidden}
        name = mutate.__name__.strip("_").replace("_", "-")
        ATTACKS.append(Attack(name, family, tries, code, mutate, expect, shown, **extra))
        return mutate

    return enter


def edit(folder, change):
    """Rewrite the notebook's JSON by `change(notebook, cells by id)`."""
    path = folder / NOTEBOOK
    notebook = json.loads(path.read_text())
    change(notebook, {cell["id"]: cell for cell in notebook["cells"]})
    path.write_text(json.dumps(notebook))
