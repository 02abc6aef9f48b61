"""What the tests of the sandbox share."""

import contextlib

import pytest

from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes import kernel


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """An assignment that ships nothing."""
    return Shipped(tmp_path_factory.mktemp("nothing"))


@contextlib.contextmanager
def kernels(files, shipped):
    """A function that starts a kernel with the settings that it is given; all end with the block."""
    with contextlib.ExitStack() as started:

        def start(**settings):
            one = kernel.LearnersKernel(Grading(**settings), files, shipped)
            started.callback(one.close)
            one.start()
            return one

        yield start


@pytest.fixture
def start(shipped, tmp_path):
    """Start a kernel with these settings; it ends with the test."""
    with kernels(tmp_path, shipped) as start:
        yield start


@pytest.fixture(scope="module", params=["warm", "cold"])
def learners(request, shipped, tmp_path_factory):
    """A kernel of either kind, for all tests of a module."""
    with kernels(tmp_path_factory.mktemp("files"), shipped) as start:
        warm_up = getattr(request.module, "WARM_UP", "")
        yield start(warm=request.param == "warm", warm_up=warm_up, cell_seconds=60)
