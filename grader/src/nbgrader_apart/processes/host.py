"""Which setting of this host refuses user namespaces, and how to change it. docs/hosts.md has the table."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from nbgrader_apart.messages import text

TOO_MANY = re.compile("ENOSPC|No space left")  # the answer of the limit on their number alone
# Files that mean a refusal when they hold the digit.
SWITCHES = {
    "proc/sys/kernel/unprivileged_userns_clone": ("0", "host.debian"),
    "proc/sys/kernel/apparmor_restrict_unprivileged_userns": ("1", "host.ubuntu"),
}
# Files by which containers of Podman and Docker are recognised.
CONTAINERS = {"run/.containerenv": "host.podman", ".dockerenv": "host.docker"}
CAPABILITIES, SYS_ADMIN = re.compile(r"CapEff:\t(\w+)"), 1 << 21
FILTERED = "Seccomp:\t2\n"  # this process runs under a seccomp filter


def setting(words: str, root: Path | str = "/", environment: Mapping[str, str] = os.environ) -> str:
    """The setting that refuses, and what to do, in one sentence; `words` is what the program has written."""
    root = Path(root)
    status = (root / "proc/self/status").read_text()
    capabilities = CAPABILITIES.search(status)
    if os.getuid() == 0 and capabilities and not int(capabilities[1], 16) & SYS_ADMIN:
        return text("host.root")
    if TOO_MANY.search(words):
        return text("host.limit")
    for name, (refuses, key) in SWITCHES.items():
        if (root / name).is_file() and (root / name).read_text().strip() == refuses:
            return text(key)
    if "KUBERNETES_SERVICE_HOST" in environment:
        return text("host.kubernetes")
    for name, key in CONTAINERS.items():
        if (root / name).exists():
            return text(key)
    return text("host.filter" if FILTERED in status else "host.unknown")
