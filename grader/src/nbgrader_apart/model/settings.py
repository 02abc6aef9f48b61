"""What a course may set: `c.Grading.<name> = value` in nbgrader_config.py."""

from collections.abc import Iterable

from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode, default
from traitlets.config import LoggingConfigurable

INSIDE, APART = WAYS = "inside", "apart"


class Grading(LoggingConfigurable):
    """How tests run, budgets of a notebook in the sandbox, and what the judge may import."""

    tests = Enum(
        WAYS,
        INSIDE,
        help="Where test cells run: 'inside' the learner's kernel, as nbgrader has it, or 'apart' from it. "
        "A test cell's tag tests-inside or tests-apart goes before this.",
    ).tag(config=True)
    tests_of = Dict(
        key_trait=Unicode(), value_trait=Enum(WAYS), help="The same for single assignments: {name: 'apart'}."
    ).tag(config=True)
    cell_seconds = Float(
        allow_none=True,
        help="Seconds for one cell; then it is interrupted. Without it, what c.Execute.timeout says. As in "
        "all limits but submission_seconds, waiting for a processor is not counted.",
    ).tag(config=True)
    notebook_seconds = Float(180, help="Seconds for all cells of a notebook; then its kernel is killed.").tag(
        config=True
    )
    submission_seconds = Float(
        600, help="Seconds for everything that is done with one submission; then grading it is abandoned."
    ).tag(config=True)
    call_seconds = Float(20, help="Seconds for one call of the learner's code by a test.").tag(config=True)
    test_seconds = Float(60, help="Seconds for one test cell.").tag(config=True)
    memory_mb = Integer(3072, help="Memory of a notebook's sandbox: processes, files and sockets.").tag(
        config=True
    )
    processes = Integer(64, help="Processes and threads in a sandbox.").tag(config=True)
    file_mb = Integer(64, help="Size of one file in the sandbox.").tag(config=True)
    disk_mb = Integer(256, help="What a notebook writes: its folder, /tmp and /dev/shm together.").tag(
        config=True
    )
    output_mb = Integer(8, help="Everything a notebook may print and show.").tag(config=True)
    message_mb = Integer(32, help="One message between a test and the learner's code.").tag(config=True)
    submission_mb = Integer(
        32, help="One submitted file, notebooks without outputs; a larger one is refused."
    ).tag(config=True)
    data_files = List(
        Unicode(),
        ["*.csv", "*.tsv", "*.txt", "*.json", "*.npy", "*.npz", "*.png", "*.jpg"],
        help="Submitted files beside the notebooks that are kept. Never Python files.",
    ).tag(config=True)
    warm_up = Unicode(
        "",
        help="Python code that runs once for the whole class, before kernels and judges are forked from its "
        "process: imports, and first uses of what is slow at first. It must start no thread.",
    ).tag(config=True)
    warm = Bool(True, help="Fork kernels from the process that has warmed up; else start each anew.").tag(
        config=True
    )
    mirrored = List(
        Unicode(),
        [],
        help="Functions of the shipped packages, as 'package.module.name': a test that calls one through its "
        "module calls the sandbox's copy, where it and the learner's code that it calls run at once.",
    ).tag(config=True)
    kernel_names = List(
        Unicode(),
        [],
        help="Names of the learner's kernel that every test gets, whether it reads them or not: what the "
        "shipped packages note there for their own use.",
    ).tag(config=True)
    allowed = Dict(
        {},
        help="What learners' code may use where it is to derive something; a person is asked to look at "
        "anything else, which costs no points. `tests`: patterns of the grade ids of tests whose points are "
        "for a derivation; `unwatched`: those of other tests whose code is read, with `unwatched_modules`, "
        "{path: its names}, that only they may import. `builtins`, `attributes`, `dunders`, `decorators`, "
        "`bases`: names. `modules`: {path: its names}. `watched`: {path: its names that are no functions}, "
        "modules that are only called, and only in functions. `named`: {path: types} that are neither called "
        "nor handed on, `called`: {path: functions} that are not handed on; both not for `unwatched`. "
        "`settable`: attributes that may be set on any object. "
        "`reserved`: attributes that are not allowed by being the learner's own. `course`, `machinery`: "
        "modules and names that nothing else in the notebook may use either.",
    ).tag(config=True)
    unsafe_without_sandbox = Bool(
        False, help="Run learners' code with your own rights where bubblewrap cannot work. Warns in red."
    ).tag(config=True)

    @default("cell_seconds")
    def _nbgraders_own(self) -> float | None:
        from nbgrader.preprocessors import Execute  # with all of nbconvert

        return Execute(config=self.config).timeout

    def way(self, assignment: str, tags: Iterable[str] = ()) -> str:
        """Where a test cell of the assignment with these tags runs."""
        tagged = [way for way in WAYS if f"tests-{way}" in tags]
        return tagged[0] if tagged else self.tests_of.get(assignment, self.tests)
