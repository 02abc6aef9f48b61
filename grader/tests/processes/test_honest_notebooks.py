"""What notebooks do still works in the sandbox: threads, workers, OpenMP, programs, files."""

import pytest

from nbgrader_apart.messages import text
from support.cells_in_kernel import names, printed, run

pytestmark = pytest.mark.slow

WARM_UP = "import sklearn.cluster, sklearn.ensemble, torch"
HONEST = {
    "threads of torch": """
import torch
torch.set_num_threads(2)
big = torch.ones(600, 600)
print((big @ big).sum().item() == 600 ** 3)
""",
    "autograd": """
weights = torch.ones(3, requires_grad=True)
(weights ** 2).sum().backward()
print(weights.grad.tolist() == [2, 2, 2])
""",
    "workers of a DataLoader": """
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.arange(40_000).reshape(400, 100))
loader = DataLoader(data, batch_size=50, num_workers=2)
print(sum(batch.sum().item() for batch, in loader) == sum(range(40_000)))
""",
    "OpenMP in scikit-learn": """
import numpy
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingRegressor
points = numpy.random.default_rng(0).normal(size=(2000, 2))
print(KMeans(3, n_init=1).fit(points).n_iter_ > 0)
print(HistGradientBoostingRegressor(max_iter=3).fit(points, points[:, 0]).n_iter_ == 3)
""",
    "joblib": """
from joblib import Parallel, delayed
for backend in ("loky", "threading", "multiprocessing"):
    print(sum(Parallel(n_jobs=2, backend=backend)(delayed(abs)(-n) for n in range(5))) == 10)
print(Parallel(n_jobs=2, max_nbytes=1000)(delayed(numpy.sum)(points) for _ in range(2))[0] == points.sum())
""",
    "pools": """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, [-1, -2]) == [1, 2])
for kind in ProcessPoolExecutor, ThreadPoolExecutor:
    with kind(2) as pool:
        print(list(pool.map(abs, [-1, -2])) == [1, 2])
""",
    "a manager and shared values": """
with multiprocessing.Manager() as manager:
    shared = manager.dict(a=1)
    print(shared["a"] == 1)
value = multiprocessing.Value("i", 7)
print(value.value == 7)
""",
    "shared memory": """
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(create=True, size=1 << 20)
memory.buf[7] = 7
again = SharedMemory(memory.name)
print(again.buf[7] == 7)
again.close()
memory.close()
memory.unlink()
tensor = torch.zeros(1000).share_memory_()
print(tensor.is_shared())
""",
    "programs": """
import subprocess
print(subprocess.run(["sort"], input="b\\na\\n", capture_output=True, text=True).stdout == "a\\nb\\n")
print(subprocess.run("echo $((6 * 7))", shell=True, capture_output=True, text=True).stdout == "42\\n")
files = !ls /
print("tmp" in files)
""",
    "a program of asyncio's": """
import asyncio
process = await asyncio.create_subprocess_exec("echo", "hello", stdout=subprocess.PIPE)
print((await process.communicate())[0] == b"hello\\n")
""",
    "a server of one's own": """
import asyncio
async def answer(reader, writer):
    writer.write((await reader.readline()).upper())
    writer.close()
server = await asyncio.start_server(answer, "127.0.0.1", 0)
reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
writer.write(b"hello\\n")
print(await reader.read() == b"HELLO\\n")
server.close()
""",
    "files": """
import pathlib, sqlite3, tempfile
mapped = numpy.memmap("mapped", dtype="float64", mode="w+", shape=(1000,))
mapped[7] = 7
mapped.flush()
print(numpy.memmap("mapped", dtype="float64")[7] == 7)
with sqlite3.connect("data.db") as base:
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("CREATE TABLE one (number)")
    base.execute("INSERT INTO one VALUES (7)")
    print(base.execute("SELECT number FROM one").fetchall() == [(7,)])
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "a").write_text("7")
    print(list(pathlib.Path(folder).iterdir()) != [])
print(pathlib.Path.home() == pathlib.Path.cwd())
""",
}

ARRANGING = [  # lines that may do nothing here: the rest of the cell is run all the same
    "%matplotlib inline",
    "%matplotlib notebook",
    "%matplotlib widget",  # not installed
    "%matplotlib",
    "%pylab inline",
    "%config InlineBackend.figure_format = 'retina'",
    "%config InlineBackend.no_such_setting = 1",
    "%config NoSuchThing.setting = 1",
    "%load_ext autoreload",
    "%autoreload 2",
    "%load_ext no_such_extension",
    "%no_such_magic x",
    "%gui qt",
    "%time 1",
    "%env A=1",
    "!pip install no-such-package",
    "!pip install numpy",
    "%pip install no-such-package",
    "%conda install no-such-package",
]


@pytest.mark.parametrize("line", ARRANGING)
def test_what_arranges_the_notebook_takes_nothing_of_the_cell_with_it(learners, line):
    cell = run(learners, f"{line}\nprint('the rest')")
    run(learners, "%reset -f")  # %pylab has put numpy's `sum` before Python's
    assert "the rest\n" in "".join(output.get("text", "") for output in cell.outputs)
    assert not [output for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("magic", ["%%time", "%%capture shown", "%%timeit -n1 -r1"])
def test_a_magic_of_the_whole_cell_runs_the_cell(learners, magic):
    run(learners, f"done = []\nname = {magic!r}")
    run(learners, f"{magic}\ndone.append(name)")
    assert printed(learners, "print(done[0])") == f"{magic}\n"


def test_a_magic_that_runs_code_stops_where_the_code_does(learners):
    for line in ("%time 1 / 0", "%timeit -n1 -r1 1 / 0", "%run no_such_file.py"):
        cell = run(learners, f"{line}\nprint('the rest')")
        assert "the rest\n" not in "".join(output.get("text", "") for output in cell.outputs), line


def test_pictures_of_matplotlib_are_shown(learners):
    cell = run(learners, "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert names(cell) == ["display_data"]
    assert "image/png" in cell.outputs[0].data


def test_what_notebooks_do_works(learners):
    for what, source in HONEST.items():
        assert set(printed(learners, source).split()) == {"True"}, what
    assert not learners.stopped


def test_a_cell_can_be_interrupted_while_a_program_runs(start):
    learners = start(cell_seconds=1)
    shown = names(run(learners, "import subprocess\nsubprocess.run(['sleep', '20'])"))
    assert shown == ["KeyboardInterrupt", "CellTimeoutError"]
    assert learners.stopped != text("run.unresponsive")
    assert printed(learners, "print(7)") == "7\n"
