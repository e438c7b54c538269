"""What a change to goal files does: which goals were loosened, and which verdicts turn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from os import PathLike
from pathlib import Path

from msgspec.structs import replace

from goalkeeper.diff.changes import Change, Difference, Effect, SidesUnreadable, Turn, in_order
from goalkeeper.diff.goals import goal_changes, paired
from goalkeeper.diff.grounds import ground_changes
from goalkeeper.diff.places import places_of
from goalkeeper.diff.sides import read_sides
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.problems import ProblemsFound


def diff(
    old: str | PathLike[str],
    new: str | PathLike[str] | None = None,
    *,
    paths: Sequence[str | PathLike[str]] = (),
    data: bool = False,
    as_of: date | str | None = None,
    allowed: Allowed = USUAL,
) -> Difference:
    """What changed from *old* to *new*.

    Args:
        old: a goal file, a folder of them, or a git revision such as `main`, `HEAD~1` or `main:goals.yaml`.
        new: the same; left out, the goal files as they are here.
        paths: the goal files or folders of a side that is a revision. Left out: where the other side is, else
            `goals.yaml`, `goals.yml` or `goals/`.
        data: whether to judge both sides, over the data of the new one.
        as_of: the day of judging, as for `score`; it says that both are to be judged.
        allowed: what the goal files may read besides their own project, and the memory and threads of adding up.

    Raises:
        SidesUnreadable: when a side cannot be found or read; a kind of `ProblemsFound` that tells the sides apart.
        ProblemsFound: when *as_of* is no day.
    """
    names = str(old), None if new is None else str(new)
    with ExitStack() as stack:
        places, wrong = places_of(*names, [Path(path) for path in paths], stack)
        if places is None:
            raise SidesUnreadable(wrong)
        sides, wrong = read_sides(*places, allowed)
        if sides is None:
            raise SidesUnreadable(wrong)
        before, after = sides
        pairs = paired(before.meaning.goals, after.meaning.goals)
        changes = in_order([*goal_changes(before, after, pairs), *ground_changes(before, after, pairs)])
        found = Difference(places[0].asked, places[1].asked, changes)
        if not data and as_of is None:
            return found
        from goalkeeper.diff.turns import judged  # only for those who ask for verdicts

        told = judged(before, after, pairs, as_of)
        return replace(found, as_of=told.as_of, turns=told.turns, unjudged=told.unjudged, problems=told.problems)


__all__ = ["Change", "Difference", "Effect", "ProblemsFound", "SidesUnreadable", "Turn", "diff"]
