"""Which files are goal files: those that are named, and those of a folder, told from tests, data and scorecards."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from goalkeeper import documents
from goalkeeper.limits import FILE_BYTES
from goalkeeper.model import GoalFile
from goalkeeper.paths import Allowed
from goalkeeper.problems import Problem
from goalkeeper.said import say

FILE_ENDINGS = (".yaml", ".yml", ".json")
TEST_ENDINGS = tuple(f".test{ending}" for ending in FILE_ENDINGS)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)


def is_test_file(path: Path) -> bool:
    """Whether a file holds tests of goals, and no goals itself: its name says it."""
    return path.name.lower().endswith(TEST_ENDINGS)


def no_goal_file(path: Path) -> Problem:
    """That a folder holds none."""
    return Problem(
        "GK114",
        say("no goal file in the folder '{folder}'", folder=path.as_posix()),
        help=say(
            'a goal file ends in .yaml or .yml, or in .json with a "version" inside; goalkeeper init writes a first one'
        ),
    )


def files_in(folder: Path) -> list[Path]:
    """The files of a folder and the folders inside it, sorted, but for hidden ones.

    Raises:
        OSError: where one of these may not be looked into: goals in it would be left out unsaid.
    """

    def unseen(error: OSError) -> None:
        raise error

    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=unseen):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(file for file in found if file.is_file())


def goal_files(path: Path, found: list[Problem], allowed: Allowed) -> list[Path]:
    """The goal files at *path*, a file or a folder; what is wrong with it is added to *found*."""
    if path.is_dir():
        try:
            every = files_in(path)
        except OSError as error:
            what = say("'{file}' cannot be read: {why}", file=str(error.filename), why=error.strerror)
            found.append(Problem("GK114", what))
            return []
        named = [f for f in every if f.suffix.lower() in FILE_ENDINGS and not is_test_file(f)]
        links = {f: bar for f in named if (bar := documents.barred(f.as_posix(), f, path, None, allowed))}
        found.extend(links.values())
        inside = [f for f in named if f not in links and (f.suffix.lower() != ".json" or _holds_goals(f))]
        if links:
            return inside
        if not inside:
            found.append(no_goal_file(path))
        return inside
    if is_test_file(path):
        help_ = say("run its tests with {command}", command=f"goalkeeper test {path.as_posix()}")
        what = say("'{file}' is a test file, and no goal file", file=path.as_posix())
        found.append(Problem("GK114", what, help=help_))
        return []
    if path.suffix.lower() not in FILE_ENDINGS:
        help_ = say("a goal file ends in .yaml, .yml or .json")
        found.append(Problem("GK114", say("'{file}' is not a goal file", file=path.as_posix()), help=help_))
        return []
    return [path]


def _holds_goals(file: Path) -> bool:
    """Whether a JSON file in a folder is a goal file, and neither data nor a scorecard: its keys tell, not its values.

    Only so much of it is looked at as a goal file may have, and it need not be whole: what is wrong with it is said
    when it is read.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(FILE_BYTES)
    except OSError:
        return True  # it may: what keeps it from being read is said when it is
    if b'"version"' not in start:
        return False
    keys = set(_outer_keys(start.decode("utf-8-sig", "replace")))
    return "version" in keys and "as_of" not in keys and bool(keys & (GoalFile.model_fields.keys() - {"version"}))


def _outer_keys(text: str) -> Iterator[str]:
    """The keys of the object that JSON text begins with; none when it begins with something else."""
    if not text.lstrip().startswith("{"):
        return
    depth, last = 0, ""
    for found in _TOKEN.finditer(text):
        sign = found.group()
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif sign == ":" and depth == 1:
            yield last
        last = sign.strip('"')
