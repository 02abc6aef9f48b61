"""The packages that an assignment ships beside its notebooks, copied once for all sandboxes."""

import compileall
import shutil
import tempfile
from pathlib import Path

from nbgrader_apart import scratch

IGNORED = shutil.ignore_patterns("__pycache__", "test_*.py", "conftest.py")


class Shipped:
    """A copy of the packages and modules in the folder `source`, compiled; sandboxes mount it read-only."""

    def __init__(self, source: Path | str) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="shipped-", dir=scratch.folder())
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        for path in sorted(Path(source).iterdir()):
            if (path / "__init__.py").exists():
                shutil.copytree(path, self.folder / path.name, ignore=IGNORED)
            elif path.suffix == ".py" and not IGNORED(str(source), [path.name]):
                shutil.copy2(path, self.folder)
        self.names = [path.name.removesuffix(".py") for path in self.folder.iterdir()]
        self.files = [path.name for path in self.folder.iterdir()]
        compileall.compile_dir(self.folder, quiet=2)
        for path in self.folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
