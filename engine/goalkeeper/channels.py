"""Channels by their return on investment: what is worked out for each, what is not counted, and where it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.columns import Column, Missing, Why
from goalkeeper.definitions import Catalogue, KpiDefinition, MetricDefinition
from goalkeeper.formula import Formula, parse
from goalkeeper.formula_units import formula_unit
from goalkeeper.kpi_units import given_of
from goalkeeper.measure import Measuring
from goalkeeper.said import all_of, none_of, quoted, say
from goalkeeper.scope import Key, Scope
from goalkeeper.scorecard import Channel, Channels
from goalkeeper.units import PERCENT
from goalkeeper.unknown import use_problem
from goalkeeper.words import fold

ROI = "roi"
DIMENSIONS = ("platform", "channel")
"""The dimensions that tell channels apart, the first that is there."""
MADE = "roi of channels"
"""The id of a return that is made for the report; no KPI of a file can have it."""
NOTHING = say(
    "there is no return to rank by: it takes a KPI 'roi', or 'revenue' (better 'margin') and 'spend' "
    "(columns: {{spend: the header}} under the source)"
)
_INCOMES = ("gross_profit", "margin", "revenue")
"""What may be taken for return, the best first."""
_TIMES: tuple[tuple[str, ...], ...] = (("time_cost",), ("hours", "hourly_rate"))
"""What the time of people costs: the product of these."""


class Basis(Struct, frozen=True):
    """A way to work out the return: the KPI or formula, and what it leaves out."""

    name: str
    definition: KpiDefinition
    left_out: tuple[str, ...] = ()


class Ranking(Struct, frozen=True):
    """What is worked out for each channel, and how channels are told apart."""

    basis: Basis | None
    by: str | None
    platforms: Mapping[str, tuple[str, ...]]
    """Where sources are channels: the sources of each platform."""
    notes: tuple[str, ...]

    def wanted(self, window: Window) -> Iterator[tuple[str, Scope]]:
        """The numbers that have to be read."""
        if self.basis is not None:
            yield self.basis.name, self._scope(window)

    def _scope(self, window: Window) -> Scope:
        return Scope(window, by=(self.by,) if self.by is not None else ())

    def read(self, window: Window | None, measuring: Measuring) -> Channels:
        """The channels with their numbers."""
        if self.basis is None or window is None:
            notes = self.notes if window is not None else (say("there are no days to look at yet"),)
            return Channels(self.by, None, None, window, (), notes)
        lacking: list[str] = []
        told = self._by_source if self.by is None else self._by_dimension
        found = list(told(window, measuring, lacking))
        ranked = sorted(found, key=lambda one: (isinstance(one.value, Missing), _downwards(one.value), one.name))
        if not ranked:
            lacking.append(say("there are no rows from {days}", days=window))
        definition = self.basis.definition
        notes = tuple(dict.fromkeys([*self.notes, *lacking]))
        return Channels(self.by, definition.formula.text, definition.unit, window, tuple(ranked), notes)

    def _by_dimension(self, window: Window, measuring: Measuring, lacking: list[str]) -> Iterator[Channel]:
        assert self.basis is not None  # noqa: S101  the caller has looked
        scope = self._scope(window)
        keys = measuring.segments(self.basis.name, scope)
        lacking += measuring.lacking(self.basis.name, scope)
        yield from self._measured([key[0] for key in keys], scope, keys, measuring)

    def _by_source(self, window: Window, measuring: Measuring, lacking: list[str]) -> Iterator[Channel]:
        """A channel for each platform: what its own sources say."""
        assert self.basis is not None  # noqa: S101  the caller has looked
        scope = self._scope(window)
        for platform, sources in self.platforms.items():
            own = _only_of(measuring.catalogue, self.basis.name, sources)
            unknown = _unknown_to(own, self.basis.name, platform)
            if unknown is not None:
                yield Channel(platform, unknown)
                continue
            alone = Measuring(own, measuring.numbers, measuring.reasons)
            lacking += (
                say("{name}: {text}", name=platform, text=text) for text in alone.lacking(self.basis.name, scope)
            )
            yield from self._measured([platform], scope, ((),), alone)

    def _measured(
        self, names: Sequence[str], scope: Scope, keys: tuple[Key, ...], measuring: Measuring
    ) -> Iterator[Channel]:
        assert self.basis is not None  # noqa: S101  the caller has looked
        values = measuring.measure(self.basis.name, scope, keys)
        inside = scope.under(self.basis.definition.where)
        reads = dict.fromkeys(read.name for read in self.basis.definition.formula.reads if not read.shifts)
        inputs: dict[str, Column] = {name: measuring.measure(name, inside, keys) for name in reads}
        for place, name in enumerate(names):
            parts = tuple(
                (one, column.at(place, measuring.reasons), measuring.catalogue.unit(one))
                for one, column in inputs.items()
            )
            yield Channel(name, values.at(place, measuring.reasons), parts)


def _downwards(value: float | Missing) -> float:
    return 0.0 if isinstance(value, Missing) else -value


def ranking(catalogue: Catalogue, platforms: Mapping[str, str]) -> tuple[Catalogue, Ranking]:
    """How channels are ranked over a catalogue, and the catalogue with what is made for it.

    *platforms* has the platform of each source that says it.
    """
    grouped = {
        platform: tuple(name for name, of in platforms.items() if of == platform and name in catalogue.tables)
        for platform in dict.fromkeys(platforms.values())
    }
    refused: list[str] = []
    for basis in _bases(catalogue):
        extended = replace(catalogue, definitions={**catalogue.definitions, basis.name: basis.definition})
        by = _told_by(extended, basis.name)
        if by is None and not any(grouped.values()):
            refused += _untold(extended, basis)
            continue
        fault = _unit_fault(extended, basis)
        if fault is not None:
            refused.append(fault)
            continue
        return extended, Ranking(
            basis, by, {} if by is not None else grouped, (*basis.left_out, *dict.fromkeys(refused))
        )
    return catalogue, Ranking(None, None, {}, tuple(dict.fromkeys(refused)) or (NOTHING,))


def _bases(catalogue: Catalogue) -> Iterator[Basis]:
    """The ways to work out a return, the best first: the file's own KPI, else one made of what the data has."""
    own = catalogue.definitions.get(ROI)
    if isinstance(own, KpiDefinition):
        yield Basis(
            ROI, own, () if _counts_time(ROI, catalogue) else (say("the formula does not count the time of people"),)
        )
    times = [
        parts for parts in _TIMES if all(_usable(name, catalogue) for name in parts) and _is_measured(parts, catalogue)
    ]
    for income in _INCOMES:
        for time in (*times, ()):
            if _usable(income, catalogue) and _usable("spend", catalogue):
                yield Basis(MADE, _made(income, " * ".join(time)), tuple(_left_out(income, time, catalogue)))


def _counts_time(name: str, catalogue: Catalogue) -> bool:
    known = {part for parts in _TIMES for part in parts}
    return any(metric.id in known for metric in catalogue.metrics_of(name))


def _is_measured(names: Sequence[str], catalogue: Catalogue) -> bool:
    """Whether any of these comes from data: what is set to a number for all is no cost of a channel."""
    return any(True for name in names for _ in catalogue.metrics_of(name))


def _usable(name: str, catalogue: Catalogue) -> bool:
    """Whether there is such a number; that several sources have it matters where they are told apart."""
    definition = catalogue.definitions.get(name)
    problem = use_problem(name, definition, None)
    return definition is not None and (problem is None or problem.code == "GK207")


def _made(income: str, time: str) -> KpiDefinition:
    cost = f"(spend + {time})" if time else "spend"
    text = f"({income} - spend{f' - {time}' if time else ''}) / {cost}"
    formula = parse(text)
    assert isinstance(formula, Formula)  # noqa: S101  written here
    return KpiDefinition(MADE, formula, unit=PERCENT, direction="up")


def _left_out(income: str, time: Sequence[str], catalogue: Catalogue) -> Iterator[str]:
    if income == "revenue":
        yield say("what the goods cost is not counted: all revenue is taken for return, as there is no 'margin'")
    if not time:
        lacking = [quoted(name) for name in _TIMES[-1] if not _usable(name, catalogue)]
        if lacking:
            yield say("the time of people is not counted, as there is no {metrics}", metrics=none_of(lacking))
        else:
            yield say("the time of people is not counted")


def _told_by(catalogue: Catalogue, name: str) -> str | None:
    """The dimension by which every source of a KPI tells channels apart."""
    if any(use_problem(metric.id, metric, None) for metric in catalogue.metrics_of(name)):
        return None
    known = dict.fromkeys(dimension for table in catalogue.tables.values() for dimension in table.dimensions)
    named = [dimension for wanted in DIMENSIONS for dimension in known if fold(dimension) == wanted]
    return next(iter(catalogue.told_by(name, named)), None) if catalogue.sources_of(name) else None


def _untold(catalogue: Catalogue, basis: Basis) -> Iterator[str]:
    """Which numbers of a return do not tell channels apart."""
    for metric in catalogue.metrics_of(basis.name):
        problem = use_problem(metric.id, metric, None)
        if problem is not None:
            yield say("{problem}: {cure}", problem=problem.message, cure=problem.help)
        elif _told_by(catalogue, metric.id) is None:
            yield say(
                "'{metric}' does not tell channels apart: {sources} has no dimension 'platform' or 'channel', "
                "and no platform:",
                metric=metric.id,
                sources=all_of(quoted(source) for source, _ in metric.columns),
            )


def _unit_fault(catalogue: Catalogue, basis: Basis) -> str | None:
    """Why the numbers of a return do not go together."""
    _, faults = formula_unit(basis.definition.formula, lambda name: given_of(catalogue.definitions.get(name)))
    if not faults:
        return None
    return say("{formula}: {fault}", formula=basis.definition.formula.text, fault=faults[0].message)


def _only_of(catalogue: Catalogue, name: str, sources: Sequence[str]) -> Catalogue:
    """The catalogue as if a KPI had these sources only."""
    own: dict[str, MetricDefinition] = {
        metric.id: replace(metric, columns=tuple(one for one in metric.columns if one[0] in sources))
        for metric in catalogue.metrics_of(name)
    }
    return replace(catalogue, definitions={**catalogue.definitions, **own})


def _unknown_to(catalogue: Catalogue, name: str, platform: str) -> Missing | None:
    """Why a platform has no number: none of its sources has one of the metrics, or two have it."""
    for metric in catalogue.metrics_of(name):
        if not metric.columns:
            text = say("no source of {platform} has '{metric}'", platform=platform, metric=metric.id)
            return Missing(Why.NO_DATA, text)
        problem = use_problem(metric.id, metric, None)
        if problem is not None:
            text = say("{problem}: {cure}", problem=problem.message, cure=problem.help)
            return Missing(Why.NOT_COMPARABLE, text)
    return None
