"""What a course may set: `c.Grading.<name> = value` in nbgrader_config.py."""

from traitlets import Bool, Float, Integer, List, Unicode
from traitlets.config import LoggingConfigurable


class Grading(LoggingConfigurable):
    """Budgets of a notebook in the sandbox, and what the judge may import."""

    cell_seconds = Float(30, help="Seconds for one cell of the learner; then it is interrupted.").tag(
        config=True
    )
    notebook_seconds = Float(180, help="Seconds for all cells of a notebook; then its kernel is killed.").tag(
        config=True
    )
    call_seconds = Float(20, help="Seconds for one call of the learner's code by a test.").tag(config=True)
    test_seconds = Float(60, help="Seconds for one test cell.").tag(config=True)
    memory_mb = Integer(3072, help="Memory of everything in a notebook's sandbox.").tag(config=True)
    processes = Integer(64, help="Processes and threads in a sandbox.").tag(config=True)
    file_mb = Integer(64, help="Size of one file in the sandbox.").tag(config=True)
    disk_mb = Integer(256, help="Size of the sandbox's working directory, and of /dev/shm.").tag(config=True)
    output_mb = Integer(8, help="Everything a notebook may print and show.").tag(config=True)
    message_mb = Integer(32, help="One message between a test and the learner's code.").tag(config=True)
    submission_mb = Integer(32, help="One submitted file; a larger one is refused.").tag(config=True)
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
    suspicious_names = List(
        Unicode(),
        [],
        help="Names such as 'trick' or 'package.module': where a test rests on learner's code that uses one, "
        "a person is asked to look. It costs no points.",
    ).tag(config=True)
    suspicious_except_in = List(
        Unicode(), [], help="Grade ids of the learner's cells where these names are nothing to ask about."
    ).tag(config=True)
    unsafe_without_sandbox = Bool(
        False, help="Run learners' code with your own rights where bubblewrap cannot work. Says so in red."
    ).tag(config=True)
