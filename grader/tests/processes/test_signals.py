"""How a process ends: with its parent, or at a signal."""

import os
import signal
import subprocess
import sys
import time

import pytest

from nbgrader_apart.inside.system_calls import die_with_parent
from nbgrader_apart.testing import forked

CAUGHT = """
import signal
from nbgrader_apart.processes.signals import Cancelled, end_cleanly
signal.signal({number}, signal.SIG_DFL)
end_cleanly(lambda: "the sentence", Cancelled)
try:
    signal.raise_signal({number})
except KeyboardInterrupt:
    print("cleaned up")
    raise
"""
TWICE = """
import signal
from nbgrader_apart.processes.signals import end_cleanly
end_cleanly(lambda: "the sentence")
try:
    signal.raise_signal(signal.SIGTERM)
finally:
    signal.raise_signal(signal.SIGTERM)
"""
IGNORED = """
import signal
from nbgrader_apart.processes.signals import end_cleanly
signal.signal(signal.SIGHUP, signal.SIG_IGN)
end_cleanly(lambda: "the sentence")
signal.raise_signal(signal.SIGHUP)
"""
IN_A_FINALIZER = """
import signal
import time
from nbgrader_apart.processes.signals import end_cleanly
end_cleanly(lambda: "the sentence")
class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
Dying()
time.sleep(60)
"""
IN_A_CALLBACK = """
import signal
import time
from multiprocessing.util import Finalize
from nbgrader_apart.processes.signals import end_cleanly
end_cleanly(lambda: "the sentence")
class Dying:
    pass
dying = Dying()
Finalize(dying, signal.raise_signal, [signal.SIGTERM])
del dying
time.sleep(60)
"""

BY_SQLALCHEMY = """
import signal
from sqlalchemy import create_engine, event
from sqlalchemy.pool import QueuePool
from nbgrader_apart.processes.signals import end_cleanly
end_cleanly(lambda: "the sentence")
engine = create_engine("sqlite://", poolclass=QueuePool)
event.listen(engine, "reset", lambda *_: signal.raise_signal(signal.SIGTERM))
engine.connect().close()
"""


def python(source):
    return subprocess.run(
        [sys.executable, "-c", source], env=forked.environment(), capture_output=True, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_process_with_its_code_and_the_sentence(number):
    done = python(CAUGHT.format(number=int(number)))
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "cleaned up\n", "the sentence\n")


def test_sqlalchemy_which_hands_a_connection_back_prints_no_traceback():
    done = python(BY_SQLALCHEMY)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "the sentence\n")


def test_a_second_signal_ends_it_at_once_and_an_ignored_one_does_not():
    assert python(TWICE).returncode == -signal.SIGTERM
    assert (python(IGNORED).returncode, python(IGNORED).stderr) == (0, "")


@pytest.mark.parametrize("script", [IN_A_FINALIZER, IN_A_CALLBACK])
def test_a_signal_is_not_lost_where_python_swallows_exceptions(script):
    done = python(script)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "the sentence\n")


def test_a_process_whose_parent_has_died_before_it_could_say_so_ends():
    said, says = os.pipe()
    if (grader := os.fork()) == 0:
        pid = os.getpid()
        if os.fork() == 0:
            while os.getppid() == pid:
                time.sleep(0.01)
            die_with_parent(pid)
            os.write(says, b"lives")
            os._exit(0)
        os._exit(0)
    os.close(says)
    os.waitpid(grader, 0)
    with os.fdopen(said) as answer:
        assert answer.read() == ""
