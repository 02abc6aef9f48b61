"""What lets processes start and fork sooner changes nothing else."""

import ctypes
import gc
import inspect
import mmap
import sys
import types
from pathlib import Path

import pytest

from nbgrader_apart.inside.shell import Compiler
from nbgrader_apart.inside.system_calls import HUGE, LIBC, MADV_COLLAPSE, use_huge_pages
from nbgrader_apart.startup import without_collections

CELL = "def frame():\n    import sys\n    return sys._getframe()\n"
BYTES = 32 << 20
ADVICE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def test_a_traceback_searches_no_module_for_the_code_of_a_cell(monkeypatch):
    asked = []

    class Watched(types.ModuleType):
        @property
        def __file__(self):
            asked.append(self)
            return "/nowhere.py"

    monkeypatch.setitem(sys.modules, "watched", Watched("watched"))
    name, namespace = Compiler().cache(CELL, 1), {}
    exec(compile(CELL, name, "exec"), namespace)
    assert inspect.getmodule(namespace["frame"]()) is None
    assert not asked
    exec(compile(CELL, "<another>", "exec"), namespace)
    assert inspect.getmodule(namespace["frame"]()) is None
    assert asked  # so other code is searched for, as ever


@pytest.mark.parametrize("error", [None, ImportError])
def test_garbage_is_collected_again_after_the_imports(error):
    before = gc.get_freeze_count()
    try:
        with without_collections():
            assert not gc.isenabled()
            if error:
                raise error
    except ImportError:
        pass
    try:
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def huge_kilobytes():
    """How much of this process's memory is in huge pages."""
    found = Path("/proc/self/smaps_rollup").read_text()
    return int(found.partition("AnonHugePages:")[2].split()[0])


@pytest.mark.skipif(
    not ADVICE.exists() or "[never]" in ADVICE.read_text(), reason="this host has no huge pages"
)
def test_memory_is_put_into_huge_pages():
    with mmap.mmap(-1, BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        memory[:] = b"x" * BYTES
        memory.madvise(mmap.MADV_HUGEPAGE)  # its pages are small as yet
        before = huge_kilobytes()
        if LIBC.madvise(None, ctypes.c_size_t(0), MADV_COLLAPSE):
            pytest.skip("this Linux puts no memory into huge pages when asked to")
        use_huge_pages()
        assert huge_kilobytes() - before >= (BYTES - 2 * HUGE) // 1024
        assert memory[:] == b"x" * BYTES
