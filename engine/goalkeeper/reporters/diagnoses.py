"""What the numbers may mean, for a terminal: each diagnosis once, with what was seen, where, and for which goals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from msgspec import Struct

from goalkeeper.columns import Missing
from goalkeeper.figures import side_by_side
from goalkeeper.reporters.layout import Style, paint, wrap
from goalkeeper.reporters.safe import safe, segment_text
from goalkeeper.scorecard import DiagnosisNote, Evidence

SHOWN_GOALS = 3
"""How many goals are named."""
SHOWN_SEGMENTS = 3
"""In how many segments the numbers are shown."""
_CALLED: Mapping[tuple[str, ...], str] = {
    ("previous",): "before",
    ("last_year",): "a year earlier",
    ("usual",): "usual",
    ("total",): "in all",
}
"""What a number under shift functions is to the one beside it."""


def render(
    notes: Sequence[DiagnosisNote], names: Mapping[str, str], *, width: int, color: bool, verbose: bool
) -> Iterator[str]:
    """The diagnoses in lines; *names* are those of all goals, by id."""
    telling = _Telling(names, verbose)
    holding, unread = together(notes)
    for head, beside in (*map(telling.holding, holding), *map(telling.unread, unread)):
        yield from wrap(head, width, "  - ", "    ")
        for text in beside:
            for line in wrap(text, width, "    "):
                yield paint(line, Style.DIM, color=color)


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
        return f"{safe(notes[0].say)}{f' ({alone})' if alone else ''}", self._below(notes[0], segments)

    def _below(self, note: DiagnosisNote, segments: Sequence[Sequence[DiagnosisNote]]) -> Iterator[str]:
        goals = [list(self._goals(found)) for found in segments]
        alike = all(one == goals[0] for one in goals)
        if alike:
            yield from goals[0]
        if self.verbose and note.when:
            yield f"when: {safe(note.when)}"
        shown = segments if self.verbose else segments[:SHOWN_SEGMENTS]
        for (one, *_), whose in zip(shown, goals, strict=False):
            if one.evidence:
                segment = f" in {segment_text(one.segment)}" if len(segments) > 1 and one.segment else ""
                about = "" if alike else "".join(f" ({text})" for text in whose)
                yield f"seen{segment}{about}: {', '.join(_numbers(one.evidence))}"
        if len(segments) > len(shown):
            yield f"and in {len(segments) - len(shown)} more"
        yield from dict.fromkeys(text for one, *_ in shown for text in _days(one.evidence))
        for number, cause in enumerate(note.causes):
            yield f"{'or' if number else 'could be'}: {safe(cause)}"
        if note.check:
            yield f"check: {safe(note.check)}"

    def unread(self, notes: Sequence[DiagnosisNote]) -> tuple[str, Iterator[str]]:
        """The diagnoses that could not be read for one reason."""
        ids = list(dict.fromkeys(note.id for note in notes))
        segments = list(dict.fromkeys(segment_text(note.segment) for note in notes if note.segment))
        where = f" ({self._some(segments, SHOWN_SEGMENTS)})" if segments else ""
        reason = f": {safe(notes[0].reason)}" if notes[0].reason else ""
        return f"{', '.join(map(safe, ids))} could not be read{where}{reason}", self._goals(notes)

    def _goals(self, notes: Sequence[DiagnosisNote]) -> Iterator[str]:
        """The goals, where there is more than one that it could be about."""
        if len(self.names) > 1:
            goals = dict.fromkeys(safe(self.names.get(note.goal, note.goal)) for note in notes)
            yield f"for {self._some(list(goals), SHOWN_GOALS)}"

    def _some(self, texts: Sequence[str], most: int) -> str:
        named = texts if self.verbose else texts[:most]
        rest = f" and {len(texts) - len(named)} more" if len(texts) > len(named) else ""
        return f"{', '.join(named)}{rest}"


def _numbers(evidence: Sequence[Evidence]) -> Iterator[str]:
    """Each number, with the same of other days and segments in brackets behind it."""
    now = {seen.of for seen in evidence if not seen.shifts}
    for seen in evidence:
        if seen.shifts in _CALLED and seen.of in now:
            continue
        others = [one for one in evidence if one.of == seen.of and one.shifts in _CALLED and not seen.shifts]
        values = [one.value for one in (seen, *others) if not isinstance(one.value, Missing)]
        show = side_by_side(values, seen.unit)

        def text(one: Evidence, show: Callable[[float], str] = show) -> str:
            return "no number" if isinstance(one.value, Missing) else show(one.value)

        beside = [f"{_CALLED[one.shifts]}: {text(one)}" for one in others]
        in_brackets = f" ({'; '.join(beside)})" if beside else ""
        of = f", {safe(seen.note)}" if seen.note else ""
        yield f"{safe(seen.text)} {text(seen)}{of}{in_brackets}"


def _days(evidence: Sequence[Evidence]) -> Iterator[str]:
    """The days that the numbers are of."""
    windows = {one.shifts: one.window for one in reversed(evidence) if one.window is not None}
    now = windows.pop((), None)
    others = [
        f"{_CALLED[shifts]}: {window}" for shifts, window in windows.items() if shifts in _CALLED and window != now
    ]
    if now is not None or others:
        yield "; ".join([*([f"over {now}"] if now else []), *others])
