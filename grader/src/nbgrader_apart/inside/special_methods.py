"""Which special methods a learner's object has: by them Python decides what can be done with it."""

import types

# what a class can define so that Python's own syntax and functions, numpy or pandas use it
SPECIAL = [
    f"__{name}__"
    for name in """
    len iter next getitem setitem delitem contains bool str format eq ne lt le gt ge hash
    add radd iadd sub rsub isub mul rmul imul truediv rtruediv itruediv floordiv rfloordiv mod rmod pow rpow
    matmul rmatmul divmod and rand or ror xor rxor lshift rshift neg pos abs invert
    int float complex index round trunc floor ceil enter exit reversed await aiter anext aenter aexit
    bytes fspath array array_ufunc array_function dataframe
    """.split()  # noqa: SIM905  shorter than a list
]


def special_of(value: object) -> list[str]:
    """The special methods that the classes of an object define, beside those of every object."""
    kinds = [kind for kind in type(value).__mro__ if kind not in (object, type)]
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
        kinds = []
    defined = {name for kind in kinds for name, method in vars(kind).items() if method is not None}
    return [name for name in SPECIAL if name in defined]
