"""What the tests of the pictures share."""

import pytest
import torch
from checks.pictures import figure


@pytest.fixture(autouse=True)
def torch_as_it_was():
    """A check that is interrupted leaves torch as it was, whatever it was about."""
    before = torch.is_grad_enabled(), torch.get_default_dtype()
    yield
    assert (torch.is_grad_enabled(), torch.get_default_dtype()) == before


@pytest.fixture
def shown(monkeypatch):
    """The figures shown, as plain dicts."""
    figures = []
    monkeypatch.setattr(figure, "show", figures.append)
    return figures
