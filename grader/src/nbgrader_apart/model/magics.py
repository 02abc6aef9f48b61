"""IPython's magics in a cell, for readers that know Python only."""

import ast
import functools

from IPython.core.inputtransformer2 import TransformerManager

RUNS_ITS_CELL = ("%%time", "%%timeit", "%%capture", "%%prun")


@functools.lru_cache(1000)
def plain_python(source: str) -> str:
    """The cell as Python: a magic becomes a call of get_ipython(), one that times its cell is left out."""
    first, _, rest = source.strip().partition("\n")
    if first.split(" ")[0] in RUNS_ITS_CELL:
        return plain_python(rest)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return TransformerManager().transform_cell(source)
    return source


def has_magics(source: str) -> bool:
    """Whether the cell is no Python without IPython."""
    return plain_python(source) != source
