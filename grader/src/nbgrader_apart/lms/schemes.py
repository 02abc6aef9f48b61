"""How Moodle and Canvas name the files in a zip of all submissions.

Moodle (mod/assign/classes/downloader.php): a folder «Full name_12345_assignsubmission_file», before
Moodle 4.1 with one more «_» at its end; without folders these words begin the file's name. The number belongs
to the person in this assignment only. Canvas (lib/content_zipper.rb): «lastfirst_LATE_1234_5678_file.ipynb»
with the numbers of the person and of the uploaded file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOODLE = re.compile(r"(?P<name>[^_]*)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<rest>.*))?")
CANVAS = re.compile(r"(?P<name>\w*?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<rest>.+)")
AGAIN = re.compile(r"(?P<stem>.+)-\d{1,3}\.ipynb")  # how Canvas calls a file that is uploaded again


@dataclass(frozen=True)
class Owner:
    """Whose file it is, as the system says."""

    system: str  # "moodle" or "canvas"
    name: str
    number: str


@dataclass(frozen=True)
class Place:
    """What the name of a file in the archive says; `folder` is the person's own in Moodle."""

    owner: Owner
    file: str
    folder: str = ""
    upload: int = 0
    late: bool = False


def place(name: str) -> Place | None:
    """The Place of a file called `name` in the archive, or None when it follows neither scheme.

    Folders above, of somebody who has packed the archive again, do not count.
    """
    parts = name.split("/")
    for number, part in enumerate(parts):
        if found := MOODLE.fullmatch(part):
            file = "/".join([found["rest"] or "", *parts[number + 1 :]]).strip("/")
            folder = part.removesuffix(found["rest"] or "") if file else ""
            return Place(Owner("moodle", found["name"], found["number"]), file, folder) if file else None
    if found := CANVAS.fullmatch(parts[-1]):
        owner = Owner("canvas", found["name"], found["number"])
        return Place(owner, found["rest"], upload=int(found["upload"]), late=bool(found["late"]))
    return None


def newest(places: Iterable[Place], notebooks: Iterable[str]) -> dict[Place, str]:
    """{place: the file's own name} of one person's files, without those that Canvas has a later upload of.

    `notebooks` are the course's: only their names lose the number that Canvas adds.
    """
    known = set(notebooks)
    files: dict[Place, str] = {}
    for one in sorted(places, key=lambda one: one.upload):
        again = AGAIN.fullmatch(one.file) if one.owner.system == "canvas" else None
        if again and again["stem"] in known and one.file.removesuffix(".ipynb") not in known:
            files[one] = f"{again['stem']}.ipynb"
        else:
            files[one] = one.file
    if all(one.owner.system == "moodle" for one in files):
        return files
    latest = {file: one for one, file in files.items()}  # of one name the last upload
    return {one: file for file, one in latest.items()}
