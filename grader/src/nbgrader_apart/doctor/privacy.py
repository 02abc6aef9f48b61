"""Who else on this machine can read a file: by the mode bits of it and of the folders above it."""

import grp
import pwd
import stat
from pathlib import Path

from nbgrader_apart.messages import text


def readers(path: Path) -> str:
    """Who beside its owner and root can read the file or what is in the folder; "" when nobody can.

    Whoever may enter a folder can read the files whose names are known, and a course's file names are.
    """
    path = path.resolve()
    chain = [one.stat() for one in (*path.parents, path)]
    own = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    needed = [stat.S_IXOTH] * (len(chain) - 1) + [own]
    if all(one.st_mode & bit for one, bit in zip(chain, needed, strict=True)):
        return text("doctor.everybody")
    for group in {one.st_gid for one in chain}:
        passes = (
            one.st_mode & (bit << 3 if one.st_gid == group else bit)  # the group's bits are left of others'
            for one, bit in zip(chain, needed, strict=True)
        )
        if all(passes) and members(group) - {pwd.getpwuid(chain[-1].st_uid).pw_name, "root"}:
            return text("doctor.group", name=grp.getgrgid(group).gr_name)
    return ""


def members(group: int) -> set[str]:
    """Names of the accounts that are in the group."""
    return {one.pw_name for one in pwd.getpwall() if one.pw_gid == group} | set(grp.getgrgid(group).gr_mem)
