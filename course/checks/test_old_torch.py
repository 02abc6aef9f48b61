"""An old torch is refused by a sentence, where the checks are imported."""

import subprocess
import sys

from course.build.paths import COURSE

OLD = """
import torch.autograd.graph
del torch.autograd.graph._engine_run_backward
torch.__version__ = "2.2.2"
import checks
"""


def test_an_old_torch_is_named():
    done = subprocess.run([sys.executable, "-c", OLD], cwd=COURSE, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: здесь torch 2.2.2, а проверкам нужен 2.3")
