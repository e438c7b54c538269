"""Diagnoses that hold, with every number that they were read from. They never change an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Missing
from goalkeeper.comparison import add_up
from goalkeeper.formula_units import formula_unit
from goalkeeper.kpi_units import given_of
from goalkeeper.measure import Measuring
from goalkeeper.planned import Part, Plan, PlannedDiagnosis
from goalkeeper.scope import Key
from goalkeeper.scorecard import DiagnosisNote, Evidence

if TYPE_CHECKING:
    from goalkeeper.terms import Term


def diagnose(plan: Plan, measuring: Measuring) -> Iterator[DiagnosisNote]:
    """Every diagnosis that holds or could not be read, for each goal that uses one of its KPIs."""
    read: dict[PlannedDiagnosis, tuple[DiagnosisNote, ...]] = {}  # goals over the same days read the same
    for goal in plan.goals:
        for planned in goal.diagnoses:
            if planned not in read:
                read[planned] = tuple(_read(planned, measuring))
            yield from (replace(note, goal=goal.goal.id) for note in read[planned])


def _read(planned: PlannedDiagnosis, measuring: Measuring) -> Iterator[DiagnosisNote]:
    """What a diagnosis says, whichever goal asks."""
    diagnosis, scope = planned.diagnosis, planned.scope
    blank = DiagnosisNote(
        diagnosis.id, "", {}, None, diagnosis.say, diagnosis.check, diagnosis.causes, when=diagnosis.when.text
    )
    if planned.unreadable is not None:
        yield replace(blank, reason=planned.unreadable)
        return
    segments: tuple[Key, ...] = measuring.numbers.segments(planned.sources, scope)
    found = add_up(measuring, planned.looks(), segments).of(
        Part.VALUE, measuring.evaluate(diagnosis.when, scope, segments)
    )
    looking = _Looking(measuring, planned, segments)
    for place, key in enumerate(segments):
        holds = found.at(place, measuring.reasons)
        if holds == 0.0:
            continue
        yield replace(
            blank,
            segment=dict(zip(scope.by, key, strict=True)),
            holds=None if isinstance(holds, Missing) else True,
            evidence=tuple(looking.evidence(place)),
            reason=holds.detail if isinstance(holds, Missing) else None,
        )


class _Looking(Struct):
    """The numbers of one diagnosis, for each segment; nothing is worked out where nothing holds."""

    measuring: Measuring
    planned: PlannedDiagnosis
    segments: tuple[Key, ...]
    _terms: list[tuple[Term, Column, Evidence]] = field(default_factory=list)

    def evidence(self, place: int) -> Iterator[Evidence]:
        """Every number of the segment at *place*."""
        from goalkeeper.terms import terms_of  # only where something holds

        if not self._terms:
            self._terms = [
                (term, self._column(term), self._blank(term)) for term in terms_of(self.planned.diagnosis.when)
            ]
        for term, column, blank in self._terms:
            value = column.at(place, self.measuring.reasons)
            note = self._note(term, place) if term.days and not term.shifts else ""
            yield replace(blank, value=value, note=note)

    def _column(self, term: Term) -> Column:
        part = replace(self.planned.diagnosis.when, tree=term.tree, reads=term.reads)
        return self.measuring.evaluate(part, self.planned.scope, self.segments)

    def _blank(self, term: Term) -> Evidence:
        """The evidence without its number."""
        catalogue = self.measuring.catalogue
        part = replace(self.planned.diagnosis.when, tree=term.inner, reads=term.reads)
        given, _ = formula_unit(part, lambda name: given_of(catalogue.definitions.get(name)))
        windows = [self.planned.scope.shifted(read.shifts).window for read in term.reads]
        window = Window(min(one.first for one in windows), max(one.last for one in windows))
        return Evidence(term.of, 0.0, term.shifts, given.unit.name if given.unit else None, window)

    def _note(self, term: Term, place: int) -> str:
        """The single days that are meant."""
        (read,) = term.reads
        found = self.measuring.activity(read.name, read.shifts, self.planned.scope, self.segments)
        return "" if isinstance(found, Missing) else found.note(place)
