"""What the tests of the checks share."""

import atexit

import pytest
import torch
from checks.pictures import figure
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(autouse=True)
def torch_as_it_was():
    """A check that is interrupted leaves torch as it was, whatever it was about."""
    before = torch.is_grad_enabled(), torch.get_default_dtype()
    yield
    assert (torch.is_grad_enabled(), torch.get_default_dtype()) == before


@pytest.fixture
def shell():
    """IPython's shell, which keeps no history and has nothing left to do when the tests' process ends."""
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    yield shell
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()


@pytest.fixture
def shown(monkeypatch):
    """The figures shown, as plain dicts."""
    figures = []
    monkeypatch.setattr(figure, "show", figures.append)
    return figures
