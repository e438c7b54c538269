"""What stands at a path. Only regular files are opened: a pipe or a device would be waited for, or never end."""

from __future__ import annotations

import stat
from pathlib import Path

from goalkeeper.said import say

DEFAULT_PATHS = ("goals.yaml", "goals.yml", "goals")
"""Where goal files are looked for when nobody names any."""
_KINDS = (
    (stat.S_ISDIR, say("a folder")),
    (stat.S_ISFIFO, say("a pipe")),
    (stat.S_ISSOCK, say("a socket")),
    (stat.S_ISCHR, say("a device")),
    (stat.S_ISBLK, say("a device")),
)


def not_a_file(path: Path) -> str | None:
    """What stands at *path* instead of a file, such as `a pipe`; None for a file, or where there is nothing."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return (
            say("a link to '{target}', which is not there", target=str(path.readlink())) if path.is_symlink() else None
        )
    return next((words for test, words in _KINDS if test(mode)), None)
