"""A side of a comparison, read: what its goal files mean, over the data of the new side where they can be had there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.bridges import mark
from goalkeeper.catalogue import build
from goalkeeper.definitions import IDENTIFIER, Catalogue, MetricDefinition
from goalkeeper.diff.places import Place
from goalkeeper.kinds import known_for
from goalkeeper.meaning import Meaning
from goalkeeper.model import GoalFile
from goalkeeper.model_base import Kind
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.problems import DATA_CODES, Problem, Span, errors
from goalkeeper.project import Placed, Project
from goalkeeper.resolve import resolve
from goalkeeper.running import read
from goalkeeper.said import say
from goalkeeper.tables import opened_tables
from goalkeeper.words import Names, fold

OF_NAMES = {"GK201", "GK207", "GK209", "GK213", "GK216"}
"""What may be wrong with goal files only because they are read over other data than their own."""


class Side(Struct, frozen=True):
    """What the goal files of one side mean, and where each was read."""

    place: Place
    project: Project
    catalogue: Catalogue
    meaning: Meaning
    files: Mapping[str, str] = field(default_factory=dict)
    """The files as people know them, by the place that they were put to beside the data."""
    unseen: tuple[str, ...] = ()
    """The sources whose data could not be looked at."""
    apart: tuple[Problem, ...] = ()
    """Why it does not go with the data of the new side, where it does not."""

    def shown(self, span: Span) -> Span:
        """A place as people know it."""
        return replace(span, file=self.place.shown(self.files.get(span.file, span.file)))

    def told(self, problem: Problem) -> Problem:
        """A problem whose places are those that people know."""
        span = problem.span and self.shown(problem.span)
        related = tuple(replace(one, span=self.shown(one.span)) for one in problem.related)
        return replace(self.place.told(problem), span=span, related=related)


def read_sides(
    old: Place, new: Place, allowed: Allowed = USUAL
) -> tuple[tuple[Side, Side] | None, list[tuple[str, list[Problem]]]]:
    """Both sides as meant, or for each side what keeps it from being read."""
    found = [read(place.files, against_schema=False, allowed=place.reading(allowed)) for place in (old, new)]
    wrong = [
        (place.asked, [place.told(problem) for problem in problems])
        for place, (_, problems) in zip((old, new), found, strict=True)
        if errors(problems)
    ]
    (before, _), (after, _) = found
    if wrong or before is None or after is None:
        return None, wrong
    now, base, of_new = _new_side(new, after)
    was, of_old = _old_side(old, before, base)
    wrong = [(place.asked, told) for place, told in ((old, of_old), (new, of_new)) if told]
    return (None, wrong) if wrong else ((was, now), [])


def _new_side(place: Place, written: Project) -> tuple[Side, Path, list[Problem]]:
    """The new side over its own data, and the folder of that; what a revision does not hold is looked for here."""
    side, problems = _meant(place, written, place.root)
    if place.here is not None and (problems or side.unseen) and place.here.is_dir():
        other, found = _meant(place, written, place.here)
        if not found and (problems or len(other.unseen) < len(side.unseen)):
            return other, place.here, []
    return side, place.root, problems


def _old_side(place: Place, written: Project, base: Path) -> tuple[Side, list[Problem]]:
    """The old side over the data of the new one; where it does not go with that, over its own."""
    side, problems = _meant(place, written, base)
    if not all(problem.code in OF_NAMES or problem.code.startswith(DATA_CODES) for problem in problems):
        return side, problems
    if not problems:
        return side, []
    own, found = _meant(place, written, place.root)
    return (replace(own, apart=tuple(problems)), []) if not found else (own, found)


def _meant(place: Place, written: Project, base: Path) -> tuple[Side, list[Problem]]:
    """What goal files mean over the data below *base*, and what is wrong with them.

    Data that is not there, or cannot be read, is nothing that is wrong with them: what its columns are called is then
    taken on trust.
    """
    moved, files = _moved(written, place.root, base)
    opened = opened_tables(moved, needed=False)
    catalogue, problems = build(moved, opened.tables, unseen=opened.unseen)
    if opened.unseen:
        catalogue = _on_trust(moved, catalogue, opened.unseen[0])
    meaning, found = resolve(moved, catalogue)
    catalogue, marked = mark(moved, catalogue, meaning)
    side = Side(place, moved, catalogue, meaning, files, opened.unseen)
    wrong = [problem for problem in errors(opened.problems) if not problem.code.startswith(DATA_CODES)]
    wrong += errors([*problems, *found, *marked])
    return side, [side.told(problem) for problem in wrong or _unread(meaning)]


def _unread(meaning: Meaning) -> Iterator[Problem]:
    """Goals with rules that only the data could tell how to read: nothing is compared without them."""
    for goal in meaning.goals:
        written = [goal.written.rule] if goal.written.rule is not None else goal.written.rules
        if len(goal.rules) < len(written):
            text = say(
                "a rule of goal '{goal}' has a name that only the data can explain, and that cannot be looked at",
                goal=goal.id,
            )
            help_ = say("put the data there, or say what it is under metrics:")
            yield Problem("GK301", text, goal.location, help_)


def _moved(written: Project, root: Path, base: Path) -> tuple[Project, dict[str, str]]:
    """The goal files as if they lay below another folder, and by their places there the places that they have."""
    if root == base:
        return written, {}
    files: list[Placed[GoalFile]] = []
    known: dict[str, str] = {}
    for placed in written.files:
        path = Path(placed.document.file)
        there = (base / path.relative_to(root)).as_posix() if path.is_relative_to(root) else placed.document.file
        known[there] = placed.document.file
        files.append(replace(placed, document=replace(placed.document, file=there)))
    return replace(written, files=tuple(files)), known


class _Asking(Names, frozen=True, eq=False, dict=True):
    """Names that remember which others they were asked for."""

    asked: set[str] = field(default_factory=set)

    def id_of(self, phrase: str) -> str | None:
        """See `Names.id_of`."""
        found = super().id_of(phrase)
        if found is None and IDENTIFIER.fullmatch(phrase):
            self.asked.add(phrase)
        return found


def _on_trust(written: Project, catalogue: Catalogue, source: str) -> Catalogue:
    """The catalogue with a column for every name that rules speak of, and that only unseen data can have."""
    names = catalogue.names
    asking = _Asking(names.ids, names.directions, names.dimensions, names.open, names.offered)
    resolve(written, replace(catalogue, names=asking))
    columns: dict[str, MetricDefinition] = {}
    for name in sorted(asking.asked):
        known = known_for(name, None)
        kind = known.kind if known is not None and known.kind in get_args(Kind) else "flow"
        columns[name] = MetricDefinition(name, ((source, name),), kind, declared=False)
    ids = {**{fold(name): name for name in columns}, **names.ids}
    named = Names(ids, names.directions, names.dimensions, names.open, names.offered)
    return replace(catalogue, definitions={**columns, **catalogue.definitions}, names=named)
