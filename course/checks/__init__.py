"""Checks for hand-written backward passes.

Each topic is what a notebook checks about one class or function: `topic.table(YourClass)` shows a row
per gradient, `topic.dw(YourClass)` checks that gradient alone. Every topic of every module here is a name of
this package. `progress()` shows where a learner stands, `bring("task-1-neuron-batch")` carries classes over.
"""

from importlib import import_module
from pkgutil import iter_modules

from .carrying import bring
from .cells import watch_this_notebook
from .outcome import CheckFailed
from .overview import progress
from .topic import Topic

__all__ = ["CheckFailed", "bring", "progress"]

for _module in iter_modules(__path__):
    if not _module.ispkg and not _module.name.startswith(("test_", "conftest")):
        for _name, _value in vars(import_module(f".{_module.name}", __name__)).items():
            if isinstance(_value, Topic):
                if globals().setdefault(_name, _value) is not _value:
                    raise ImportError(f"two things are called checks.{_name}")
                _value.called = f"checks.{_name}"
                __all__ += [_name]

watch_this_notebook()
