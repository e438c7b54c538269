"""Git revisions: where they are, and their files checked out into a folder of their own.

Nothing of the repository is written to: no branch, no index, no list of worktrees, and no hook is run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from goalkeeper.problems import Problem, suggest
from goalkeeper.said import meant, say

CANNOT = say("git cannot be asked for a revision")


class Repository(Struct, frozen=True):
    """A git repository with a working tree."""

    top: Path
    """The folder that holds all of it."""

    def commit(self, revision: str) -> str | None:
        """The commit that a revision stands for, None when there is none."""
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        code, found, _ = run(self.top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return found.strip() if code == 0 else None

    def names(self) -> list[str]:
        """The branches and tags that there are."""
        _, found, _ = run(
            self.top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"
        )
        return found.split()

    def check_out(self, commit: str, into: Path, endings: Sequence[str] | None = None) -> Problem | None:
        """Write the files of a commit below *into*, those with one of *endings* alone where they are given."""
        index = {"GIT_INDEX_FILE": str(into / "index")}
        tree = into / "tree"
        tree.mkdir()
        code, _, said = run(self.top, "read-tree", commit, more=index)
        if code == 0:
            _, listed, _ = run(self.top, "ls-files", "-z", "--full-name", more=index)
            names = [name for name in listed.split("\0") if name]
            wanted = [name for name in names if endings is None or name.lower().endswith(tuple(endings))]
            given = "".join(f"{name}\0" for name in wanted)
            code, _, said = run(
                self.top,
                "checkout-index",
                "--quiet",
                "-z",
                "--stdin",
                f"--prefix={tree.as_posix()}/",
                more=index,
                given=given,
            )
        if code != 0:
            return Problem("GK612", say("git could not check the revision out"), help=_of_git(said))
        return None


def repository_of(folder: Path) -> Repository | Problem:
    """The repository that a folder is in."""
    if shutil.which("git") is None:
        help_ = say(
            "there is no git on this machine: name a file or a folder, or run it inside of a git repository",
        )
        return Problem("GK612", CANNOT, help=help_)
    code, found, said = run(folder, "rev-parse", "--show-toplevel")
    if code != 0:
        help_ = say("{said}: name a file or a folder, or run it inside of a git repository", said=_of_git(said))
        return Problem("GK612", CANNOT, help=help_)
    return Repository(Path(found.rstrip("\r\n")).resolve())


def no_revision(asked: str, repository: Repository) -> Problem:
    """The problem of what is neither there as a file or folder, nor known as a revision."""
    message = say("'{text}' is no file, no folder and no git revision", text=asked)
    first, dots, second = asked.partition("..")
    if dots:
        old, new = first or "HEAD", second.removeprefix(".") or "HEAD"
        help_ = say("name two revisions: goalkeeper diff {old} {new}", old=old, new=new)
        return Problem("GK611", message, help=help_)
    name = asked.partition(":")[0]
    near = suggest(name, [*repository.names(), *(path.name for path in Path().iterdir())])
    fetched = say("in a shallow clone it may have to be fetched first: git fetch origin BRANCH")
    return Problem("GK611", message, help=meant(near) if near else fetched)


def run(folder: Path, *arguments: str, more: dict[str, str] | None = None, given: str = "") -> tuple[int, str, str]:
    """The exit code of a git command, with what it wrote to both outputs."""
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        **(more or {}),
    }
    done = subprocess.run(  # noqa: S603  a list of arguments, and no revision that begins with a dash
        ["git", "-C", str(folder), *arguments],  # noqa: S607  the user's own git
        input=given.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=False,
        env=environment,
    )
    return (
        done.returncode,
        done.stdout.decode("utf-8", "surrogateescape"),
        done.stderr.decode("utf-8", "replace"),
    )


def _of_git(said: str) -> str:
    """What git says of what it did not do."""
    line = said.strip().splitlines()[0].removeprefix("fatal: ") if said.strip() else ""
    return say("git says '{line}'", line=line or say("git gave no reason"))
