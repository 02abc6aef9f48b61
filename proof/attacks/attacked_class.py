"""One class: controls, attackers between them, one run of nbgrader, and a look at what it did."""

import hashlib
import json

from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import marks, nbgrader, run
from nbgrader_apart.testing.small_course import WRONG

SECONDS = 1500
CONTROLS = {
    "aaa-control": (small_course.RIGHT, small_course.POINTS),
    "aab-wrong": (
        {**small_course.RIGHT, "layer": {"dense-layer": WRONG}},
        {**small_course.POINTS, "layer-db": 0},
    ),
    "mmm-loops": (
        {
            **small_course.RIGHT,
            "layer": {
                "dense-layer": "import torch\n"
                + small_course.LAYER.replace("dldy.sum(0)", "sum(row for row in dldy)").replace(
                    "inputs.T @ dldy", "torch.einsum('ki,kj->ij', inputs, dldy)"
                )
            },
        },
        small_course.POINTS,
    ),
    "zzz-control": (small_course.RIGHT, small_course.POINTS),
    "zzz-stub": (
        {"layer": {}, "loop": {}},
        dict.fromkeys(small_course.POINTS, 0),
    ),
}


class Classroom:
    """`problems`, `stopped` and `controls` are filled by `run`. `command` is what grades the class."""

    def __init__(self, root, attacks, guard, command):
        self.root, self.attacks, self.guard, self.command = root, attacks, guard, command
        self.problems, self.controls, self.stopped = [], [], 0

    def run(self):
        """Grade the class and compare what is seen with what must be."""
        small_course.build(self.root, "torch")
        (self.root / "secret.txt").write_text("CANARY-SECRET")
        code, output = nbgrader(self.root, "generate_assignment", small_course.ASSIGNMENT)
        if code:
            raise RuntimeError(output)
        for name, (answers, _) in CONTROLS.items():
            small_course.submit(self.root, name, answers)
        for attack in self.attacks:
            source = self.guard.fill(attack.code, self.root)
            attack.mutate(
                small_course.submit(self.root, self._student(attack), {"layer": {"dense-layer": source}})
            )
        before = self._files()
        code, output = run(
            self.root, *self.command, small_course.ASSIGNMENT, seconds=SECONDS, temporary=self.guard.temporary
        )
        if code:
            self.problems.append(f"{' '.join(self.command)} ended with {code}: {output[-1500:]}")
        if "CANARY-STDOUT" in output or "CANARY-PLANTED" in output:
            self.problems.append("learners' output reached the grader's terminal")
        changed = {path for path, mark in self._files().items() if before.get(path) != mark}
        self.problems += [f"changed outside autograded/: {path}" for path in changed]
        code, output = nbgrader(self.root, "generate_feedback", small_course.ASSIGNMENT, seconds=SECONDS)
        if code:
            self.problems.append(f"generate_feedback ended with {code}: {output[-1500:]}")
        self._compare(marks(self.root))

    def _compare(self, found):
        for name, (_, expected) in CONTROLS.items():
            got = {test: score for test, (score, _) in found.get(name, {}).items()}
            self.controls.append(got == expected)
            if got != expected:
                self.problems.append(f"control {name}: {got}")
        for attack in self.attacks:
            student = self._student(attack)
            problem = attack.problem(found.get(student, {}), self._shown(student), self._feedback(student))
            self.stopped += problem is None
            if problem:
                self.problems.append(f"{attack.family}: {attack.name} ({attack.tries}): {problem}")

    def _student(self, attack):
        return f"{'bc'[len(attack.name) % 2]}-{attack.name}"

    def _shown(self, student):
        """Outputs and Markdown of the autograded notebook."""
        path = self.root / "autograded" / student / small_course.ASSIGNMENT / "layer.ipynb"
        cells = json.loads(path.read_text())["cells"] if path.exists() else []
        return "\n".join(
            json.dumps(cell["outputs"], ensure_ascii=False) if "outputs" in cell else "".join(cell["source"])
            for cell in cells
        )

    def _feedback(self, student):
        path = self.root / "feedback" / student / small_course.ASSIGNMENT / "layer.html"
        return path.read_text() if path.exists() else ""

    def _files(self):
        """Fingerprints of all files of the course but the results and the gradebook."""
        return {
            path: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file()
            and not path.is_symlink()
            and path.name != "gradebook.db"
            and path.relative_to(self.root).parts[0] not in ("autograded", "feedback")
        }
