"""Which kernel a notebook asks for: this package's own for Python, an installed one for other languages."""

from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from nbgrader_apart.messages import text
from nbgrader_apart.model.course import CourseError


def foreign_kernel(kernelspec: Mapping[str, Any]) -> KernelSpec | None:
    """The installed kernel that a source notebook's metadata `kernelspec` names; None for Python.

    Raises CourseError when it is not installed.
    """
    name, language = str(kernelspec.get("name", "python")), str(kernelspec.get("language", ""))
    if name.startswith("python") or language == "python":
        return None
    try:
        found = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        raise CourseError(text("run.no_kernel", name=name)) from None
    return None if found.language.lower() == "python" else found
