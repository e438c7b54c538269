"""What the numbers may mean, for a terminal: each diagnosis once, with what was seen, where, and for which goals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.figures import side_by_side
from goalkeeper.languages import Shown, tr
from goalkeeper.reporters.layout import Page, wrap
from goalkeeper.reporters.phrases import value_of
from goalkeeper.reporters.safe import apart, clauses, safe, segment_text, some_of
from goalkeeper.said import Said, enumerated, say
from goalkeeper.scorecard import DiagnosisNote, Evidence

SHOWN_GOALS = 3
"""How many goals are named."""
SHOWN_SEGMENTS = 3
"""In how many segments the numbers are shown."""
_BESIDE: tuple[tuple[str, ...], ...] = (("previous",), ("last_year",), ("usual",), ("total",))
"""The shift functions under which a number stands beside the one that it is held against."""


def render(
    notes: Sequence[DiagnosisNote], names: Mapping[str, str], *, width: int, color: bool, verbose: bool
) -> Iterator[str]:
    """The diagnoses in lines; *names* are those of all goals, by id."""
    page, telling = Page(width, color=color), _Telling(names, verbose)
    holding, unread = together(notes)
    for head, beside in (*map(telling.holding, holding), *map(telling.unread, unread)):
        yield from wrap(head, page.width, "  - ", "    ")
        for text in beside:
            yield from page.dim(text)


def together(notes: Sequence[DiagnosisNote]) -> tuple[list[list[DiagnosisNote]], list[list[DiagnosisNote]]]:
    """Those that say the same beside each other: the diagnoses that hold, and those that could not be read."""
    holding = _grouped([note for note in notes if note.holds], lambda n: (n.id, n.say, n.causes, n.check))
    return holding, _grouped([note for note in notes if not note.holds], lambda n: n.reason)


def _grouped(notes: Sequence[DiagnosisNote], key: Callable[[DiagnosisNote], Hashable]) -> list[list[DiagnosisNote]]:
    groups: dict[Hashable, list[DiagnosisNote]] = {}
    for note in notes:
        groups.setdefault(key(note), []).append(note)
    return list(groups.values())


class _Telling(Struct, frozen=True):
    """The words for diagnoses that belong together."""

    names: Mapping[str, str]
    verbose: bool

    def holding(self, notes: Sequence[DiagnosisNote]) -> tuple[str, Iterator[str]]:
        """One diagnosis that holds, in all its segments and goals: its sentence, and what stands below."""
        segments = _grouped(notes, lambda note: (tuple(note.segment.items()), note.evidence))
        alone = segment_text(notes[0].segment) if len(segments) == 1 else ""
        what = apart(notes[0].say)
        return f"{what} ({alone})" if alone else what, self._below(notes[0], segments)

    def _below(self, note: DiagnosisNote, segments: Sequence[Sequence[DiagnosisNote]]) -> Iterator[Shown]:
        goals = [self._goals(found) for found in segments]
        alike = all(one == goals[0] for one in goals)
        if alike and goals[0]:
            yield safe(goals[0])
        if self.verbose and note.when:
            yield tr("when: {condition}", condition=note.when)
        shown = segments if self.verbose else segments[:SHOWN_SEGMENTS]
        for (one, *_), whose in zip(shown, goals, strict=False):
            if one.evidence:
                yield _seen(one, "" if alike else whose, parted=len(segments) > 1)
        if len(segments) > len(shown):
            yield tr("and in {count} more", count=len(segments) - len(shown))
        yield from dict.fromkeys(text for one, *_ in shown for text in _days(one.evidence))
        for number, cause in enumerate(note.causes):
            yield tr("or: {cause}" if number else "could be: {cause}", cause=cause)
        if note.check:
            yield tr("check: {check}", check=note.check)

    def unread(self, notes: Sequence[DiagnosisNote]) -> tuple[str, Iterator[str]]:
        """The diagnoses that could not be read for one reason."""
        names = enumerated(dict.fromkeys(note.id for note in notes))
        segments = list(dict.fromkeys(segment_text(note.segment) for note in notes if note.segment))
        where, reason, goals = self._some(segments, SHOWN_SEGMENTS), notes[0].reason, self._goals(notes)
        if segments and reason:
            head = tr("{names} could not be read ({where}): {reason}", names=names, where=where, reason=reason)
        elif segments:
            head = tr("{names} could not be read ({where})", names=names, where=where)
        elif reason:
            head = tr("{names} could not be read: {reason}", names=names, reason=reason)
        else:
            head = tr("{names} could not be read", names=names)
        return head, iter([safe(goals)] if goals else [])

    def _goals(self, notes: Sequence[DiagnosisNote]) -> str:
        """The goals, where there is more than one that it could be about."""
        if len(self.names) < 2:
            return ""
        goals = dict.fromkeys(self.names.get(note.goal, note.goal) for note in notes)
        return say("for {goals}", goals=self._some(list(goals), SHOWN_GOALS))

    def _some(self, texts: Sequence[str], most: int) -> str:
        named = texts if self.verbose else texts[:most]
        return some_of(named, len(texts) - len(named))


def _seen(note: DiagnosisNote, whose: str, *, parted: bool) -> Shown:
    """The numbers that were seen, in which segment where there are several, and for which goals where they differ."""
    numbers = enumerated(_numbers(note.evidence))
    segment = segment_text(note.segment) if parted and note.segment else ""
    if segment and whose:
        return tr("seen in {segment} ({goals}): {numbers}", segment=segment, goals=whose, numbers=numbers)
    if segment:
        return tr("seen in {segment}: {numbers}", segment=segment, numbers=numbers)
    if whose:
        return tr("seen ({goals}): {numbers}", goals=whose, numbers=numbers)
    return tr("seen: {numbers}", numbers=numbers)


def _numbers(evidence: Sequence[Evidence]) -> Iterator[Said]:
    """Each number, with the same of other days and segments in brackets behind it."""
    now = {seen.of for seen in evidence if not seen.shifts}
    for seen in evidence:
        if seen.shifts in _BESIDE and seen.of in now:
            continue
        others = [one for one in evidence if one.of == seen.of and one.shifts in _BESIDE and not seen.shifts]
        values = [one.value for one in (seen, *others) if not isinstance(one.value, Missing)]
        show = side_by_side(values, seen.unit)
        value = value_of(seen.value, show)
        number = say("{name} {value}", name=seen.text, value=value)
        if seen.note:
            number = say("{name} {value}, {days}", name=seen.text, value=value, days=seen.note)
        if others:
            beside = clauses([_called(one.shifts, value_of(one.value, show)) for one in others])
            number = say("{number} ({others})", number=number, others=beside)
        yield number


def _called(shifts: tuple[str, ...], what: object) -> Said:
    """A number or its days under shift functions, by what it is to the one beside it."""
    match shifts:
        case ("previous",):
            return say("before: {what}", what=what)
        case ("last_year",):
            return say("a year earlier: {what}", what=what)
        case ("usual",):
            return say("usual: {what}", what=what)
        case _:
            return say("in all: {what}", what=what)


def _days(evidence: Sequence[Evidence]) -> Iterator[Shown]:
    """The days that the numbers are of."""
    windows = {one.shifts: one.window for one in reversed(evidence) if one.window is not None}
    now = windows.pop((), None)
    told = [say("over {window}", window=now)] if now is not None else []
    told += [_called(shifts, window) for shifts, window in windows.items() if shifts in _BESIDE and window != now]
    if told:
        yield safe(clauses(told))
