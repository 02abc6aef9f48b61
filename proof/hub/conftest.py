"""The browser of the other journeys; a machine of the hub's own."""

import os
import tempfile
from pathlib import Path

import pytest

from proof.browser.conftest import browser, shoot  # noqa: F401  fixtures
from proof.hub.machine import Machine, alone
from support.postgresql import postgresql


@pytest.fixture(scope="module")
def bare_machine():
    """A machine with the course, and nobody on it yet."""
    assert os.getuid() == 0, "The test makes accounts: it needs root."
    with (
        tempfile.TemporaryDirectory(prefix="hubtest-", dir="/var/tmp") as name,
        alone(),
        postgresql() as gradebook,
    ):
        folder = Path(name)
        folder.chmod(0o711)  # everybody reaches the exchange
        machine = Machine(folder, gradebook)
        machine.follow("The accounts")
        machine.follow("The course")
        yield machine
