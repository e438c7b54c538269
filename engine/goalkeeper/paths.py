"""What stands at a path, who may read it, and how it is written.

Only regular files are opened: a pipe or a device would be waited for, or never end. And what a goal file names is read
below the root of its project alone, unless whoever runs goalkeeper allows more: a goal file comes with a change to a
repository, and must not make a pipeline show what else lies on its machine.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from os.path import normpath
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.said import Said, say

DEFAULT_PATHS = ("goals.yaml", "goals.yml", "goals")
"""Where goal files are looked for when nobody names any."""
_KINDS = (
    (stat.S_ISDIR, say("a folder")),
    (stat.S_ISFIFO, say("a pipe")),
    (stat.S_ISSOCK, say("a socket")),
    (stat.S_ISCHR, say("a device")),
    (stat.S_ISBLK, say("a device")),
)


def is_too_long(path: Path) -> bool:
    """Whether the system can have nothing of this name; asked whether it is there, it refuses to answer."""
    try:
        path.lstat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


def not_a_file(path: Path) -> str | None:
    """What stands at *path* instead of a file, such as `a pipe`; None for a file, or where there is nothing."""
    if is_too_long(path):
        return say("too long a name")
    try:
        mode = path.stat().st_mode
    except OSError:
        return (
            say("a link to '{target}', which is not there", target=str(path.readlink())) if path.is_symlink() else None
        )
    return next((words for test, words in _KINDS if test(mode)), None)


class Allowed(Struct, frozen=True):
    """What a run may do, by the word of whoever runs it: goal files have no say in it."""

    read: tuple[str | PathLike[str], ...] = ()
    """Files, and folders with all below, that goal files may read besides those of their project."""
    memory: str | None = None
    """How much memory adding up may take, such as `2GB`; four fifths of what there is when left out."""
    threads: int | None = None
    """How many threads add up; one for each processor when left out."""

    def with_folders(self, named: Iterable[Path]) -> Allowed:
        """The same, with the folders among what whoever runs goalkeeper *named* himself, to look for goal files in."""
        return replace(self, read=(*self.read, *(path for path in named if path.is_dir())))

    def outside(self, path: Path, folder: Path) -> Said | None:
        """What a path or pattern lies outside of that a goal file in *folder* names; None where it may be read.

        Links are followed first. Nothing that lies outside is looked at: not even whether it is there.
        """
        root, what = root_of(folder)
        allowed = (root, *filter(None, map(real, self.read)))
        places = (real(path), real(fixed(path)))
        if all(place is not None and any(place.is_relative_to(one) for one in allowed) for place in places):
            return None
        return what


USUAL = Allowed()
"""What is allowed where nobody says anything: the files of the project, and the machine as it is."""


def root_of(folder: Path) -> tuple[Path, Said]:
    """The folder below which the goal files of *folder* read what they like, and what it is.

    The nearest one that is a repository. Without one the folder that goalkeeper runs in, where the goal files lie below
    it, which is nothing to go by at the top of a disk; else the folder itself.
    """
    place = real(folder) or folder
    repository = next((one for one in (place, *place.parents) if (one / ".git").exists()), None)
    if repository is not None:
        return repository, say("the repository of its goal file")
    here = real(Path())
    if here is not None and here != Path(here.anchor) and place.is_relative_to(here):
        return here, say("the folder that goalkeeper runs in")
    return place, say("the folder of its goal file")


def real(path: str | PathLike[str]) -> Path | None:
    """A path without links in it; None where they go round in a circle, or it is none that a file can have."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def links_out(path: Path, folder: Path) -> bool:
    """Whether a path that leads out of the project of *folder* seems to stay in it: there is a link on its way."""
    root, _ = root_of(folder)
    beside = Path(path).relative_to(folder) if path.is_relative_to(folder) else path
    return Path(normpath((real(folder) or folder) / beside)).is_relative_to(root)


def entered(folder: Path, pattern: str) -> None:
    """Looks whether every folder that a pattern leads into can be looked into: matching leaves others out unsaid.

    Raises:
        PermissionError: with the first that cannot.
    """
    steps = Path(pattern).parts
    first = next((number for number, step in enumerate(steps) if _is_pattern(step)), len(steps))
    for number in range(first, len(steps)):
        needed = os.R_OK | os.X_OK if _is_pattern(steps[number]) else os.X_OK
        for place in folder.glob(str(Path(*steps[:number]))) if number else [folder]:
            if place.is_dir() and not os.access(place, needed):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A place beside *path* to write a file to, which is moved there when it is whole: nobody ever sees half of it.

    Whatever ends the writing leaves what was there before. No two runs have one place: also where each has the same
    process number, as the first process of a container has.

    Raises:
        OSError: when it cannot be written, as on a full disk.
    """
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")
    try:
        beside.touch(exist_ok=False)
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())  # some disks say only now that they are full
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def fixed(path: Path) -> Path:
    """What a path begins with before it becomes a pattern; all of it, where it goes up again after that."""
    for number, part in enumerate(path.parts):
        if _is_pattern(part) and ".." not in path.parts[number:]:
            return Path(*path.parts[:number])
    return path


def _is_pattern(part: str) -> bool:
    return re.search(r"[*?[]", part) is not None
