"""The accounts of the hub's test end nobody else's processes."""

import subprocess

from proof.hub.machine import unused_numbers


def test_no_number_of_a_running_process_is_taken():
    """Such as that of an account which another root has."""
    number = unused_numbers()[0]
    with subprocess.Popen(["sleep", "60"], user=number) as foreign:
        assert number not in unused_numbers()
        foreign.kill()
    assert number in unused_numbers()
