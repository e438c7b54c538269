"""Which metrics of a project changed their meaning and when, and the factors by which its author bridges that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from math import isfinite

from msgspec import Struct, field
from msgspec.structs import replace

from goalkeeper.breaks import RENAMED, Break, Registered, fold, knows, registry
from goalkeeper.definitions import Catalogue, Filter, KpiDefinition, MetricDefinition, Only, Touch, filter_of, texts_of
from goalkeeper.filters import places_of
from goalkeeper.meaning import Meaning
from goalkeeper.model import Break as DeclaredBreak
from goalkeeper.model import Metric
from goalkeeper.periods import day_of
from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.project import Placed, Project
from goalkeeper.quantity import parse_quantity
from goalkeeper.said import enumerated, say
from goalkeeper.statements import KpiRule, levels_of
from goalkeeper.times import misplaced
from goalkeeper.units import PERCENT
from goalkeeper.unknown import unknown

PLATFORM = "platform"
"""A dimension of this name says whose numbers a row holds."""


class _Declared(Struct, frozen=True):
    """A break that a goal file declares."""

    change: Break
    metrics: tuple[str, ...]
    where: Filter


class _Marking(Struct):
    """The marking of one project's metrics."""

    project: Project
    catalogue: Catalogue
    declared: dict[str, _Declared] = field(default_factory=dict)
    registered: dict[str, Registered] = field(default_factory=dict)
    platforms: dict[str, str] = field(default_factory=dict)
    """The platform of each source that says it."""
    places: dict[Only, Mapping[str, Span]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, message: str, span: Span | None, help_: str = "") -> None:
        self.problems.append(Problem(code, message, span, help_))


def mark(project: Project, catalogue: Catalogue, meaning: Meaning) -> tuple[Catalogue, list[Problem]]:
    """*catalogue* with what touched its metrics, and what is wrong with breaks, bridges and platforms."""
    marking = _Marking(project, catalogue)
    _declare(marking)
    _look_up(marking, meaning)
    metrics = {id_: d for id_, d in catalogue.definitions.items() if isinstance(d, MetricDefinition)}
    touches = {id_: tuple(_touches(marking, metric)) for id_, metric in metrics.items()}
    weights = {metric.weighted_by for metric in metrics.values()}
    described = project.described_metrics()
    for id_ in sorted(metrics, key=lambda id_: id_ not in weights):
        touches[id_] = _weighed(metrics[id_], touches)
        if id_ in described:
            touches[id_] = _bridged(marking, metrics[id_], touches[id_], described[id_])
    touched = {id_: replace(metrics[id_], touches=found) for id_, found in touches.items() if found}
    if touched:
        places = {**catalogue.places, **marking.places}
        catalogue = replace(catalogue, definitions={**catalogue.definitions, **touched}, places=places)
    return catalogue, marking.problems


def _declare(marking: _Marking) -> None:
    for placed in marking.project.breaks():
        written = placed.written
        first = day_of(written.date, placed.at("date"), marking.problems)
        until = day_of(written.until, placed.at("until"), marking.problems) if written.until else None
        if first is not None and until is not None and until < first:
            text = say("the break ends on {day}, before it starts", day=until)
            marking.say("GK405", text, placed.at("until"), say("swap the dates"))
        if written.id in marking.declared:
            text = say("two breaks have the id '{id}'", id=written.id)
            marking.say("GK207", text, placed.at("id"), say("give one another id"))
        metrics = texts_of(written.metrics)
        where = filter_of(written.where)
        for number, name in enumerate(metrics):
            place = placed.at("metrics") if isinstance(written.metrics, str) else placed.at("metrics", number)
            _check_metric(marking, name, where, place, placed)
        marking.places |= places_of(written.where, placed)
        marking.problems += misplaced(written.where, placed)
        # A day that does not read stops the run; until then its break has a name.
        change = Break(written.id, written.what, first or date.max, until)
        marking.declared[written.id] = _Declared(change, metrics, where)


def _check_metric(marking: _Marking, name: str, where: Filter, place: Span, placed: Placed[DeclaredBreak]) -> None:
    catalogue = marking.catalogue
    match catalogue.definitions.get(name):
        case None if not catalogue.names.open:
            marking.problems.append(
                unknown(name, place, catalogue.definitions, catalogue.tables, catalogue.withheld, "metric")
            )
        case KpiDefinition():
            metrics = enumerated(metric.id for metric in catalogue.metrics_of(name))
            text = say("'{name}' is a KPI, and a break is about metrics", name=name)
            marking.say("GK112", text, place, say("it is made of {metrics}", metrics=metrics))
        case MetricDefinition(columns=columns):
            tables = [catalogue.tables[source] for source, _ in columns if source in catalogue.tables]
            for only in where:
                if tables and not any(table.is_dimension(only.dimension) for table in tables):
                    known = {dimension for table in tables for dimension in table.dimensions}
                    message = say(
                        "'{dimension}' is no dimension of the source of '{metric}'",
                        dimension=only.dimension,
                        metric=name,
                    )
                    at = placed.at("where", only.dimension, key=True)
                    marking.say("GK209", message, at, did_you_mean(only.dimension, known))
        case _:
            pass


def _look_up(marking: _Marking, meaning: Meaning) -> None:
    """Read the registry, where it may have something to say."""
    written = marking.project.sources()
    sources = {name: table for name, table in marking.catalogue.tables.items() if table.platform}
    bridges = {id_ for metric in marking.project.described_metrics().values() for id_ in metric.written.bridges}
    used = {name for metric in _used(marking.catalogue, meaning) for name in _names(marking.catalogue, metric)}
    dimensions = (dimension for table in marking.catalogue.tables.values() for dimension in table.dimensions)
    on_a_platform = any(fold(dimension) == PLATFORM for dimension in dimensions)
    if not sources and bridges <= marking.declared.keys() and not knows(used, on_a_platform=on_a_platform):
        return
    for name, table in sources.items():
        platform = registry().platform(table.platform or "")
        if platform is not None:
            marking.platforms[name] = platform
            continue
        help_ = did_you_mean(table.platform or "", registry().platforms, list_up_to=30)
        text = say("unknown platform '{name}'", name=table.platform)
        marking.say("GK209", text, written[table.of].at("platform"), help_)
    marking.registered = {id_: r for id_, r in registry().breaks.items() if id_ not in marking.declared}


def _used(catalogue: Catalogue, meaning: Meaning) -> Iterator[MetricDefinition]:
    for goal in meaning.goals:
        for rule in goal.rules:
            if isinstance(rule, KpiRule):
                yield from _metrics_of(catalogue, rule)


def _metrics_of(catalogue: Catalogue, rule: KpiRule) -> Iterator[MetricDefinition]:
    for name in [rule.kpi, *(level for level in levels_of(rule.ask) if isinstance(level, str))]:
        yield from catalogue.metrics_of(name)


def _touches(marking: _Marking, metric: MetricDefinition) -> Iterator[Touch]:
    """Every break of the metric, in each of its sources."""
    for source, _ in metric.columns:
        table = marking.catalogue.tables.get(source)
        dimensions = table.dimensions if table else ()
        for declared in marking.declared.values():
            if metric.id in declared.metrics and all(only.dimension in dimensions for only in declared.where):
                yield Touch(declared.change, source, declared.where)
        names = {fold(name) for name in _names(marking.catalogue, metric)}
        for entry in marking.registered.values():
            touch = _claimed(entry, names, source, marking.platforms.get(source), dimensions)
            if touch is not None:
                yield touch


def _names(catalogue: Catalogue, metric: MetricDefinition) -> Iterator[str]:
    """What the metric is called: its id, and the ids and headers of its columns."""
    yield metric.id
    for source, column in metric.columns:
        table = catalogue.tables.get(source)
        found = table.columns.get(column) if table and column is not None else None
        if column is not None:
            yield column
        if found is not None:
            yield found.only[1] if found.only else found.header


def _claimed(
    entry: Registered, names: set[str], source: str, platform: str | None, dimensions: tuple[str, ...]
) -> Touch | None:
    """The break of the registry, where it is known to be about a metric with these names."""
    if entry.change.kind == RENAMED:
        return None
    own = bool(names & entry.names_of_its_own)
    if platform is not None:
        return Touch(entry.change, source) if platform in entry.platforms and (own or names & entry.names) else None
    if own:
        return Touch(entry.change, source)
    dimension = next((dimension for dimension in dimensions if fold(dimension) == PLATFORM), None)
    if dimension is None or entry.paid_differs or not names & entry.names:
        return None
    values = sorted({name for platform in entry.platforms for name in registry().platforms[platform]})
    return Touch(entry.change, source, (Only(dimension, tuple(values)),), folded=True)


def _bridged(
    marking: _Marking, metric: MetricDefinition, touches: tuple[Touch, ...], placed: Placed[Metric]
) -> tuple[Touch, ...]:
    """The metric's touches with the factors that its author gives."""
    factors: dict[str, float] = {}
    touching = {touch.change.id for touch in touches}
    ids = marking.declared.keys() | marking.registered.keys()
    seen = all(source in marking.catalogue.tables for source, _ in metric.columns)
    for id_, written in placed.written.bridges.items():
        place = placed.at("bridges", id_, key=True)
        if id_ not in ids:
            marking.say("GK209", say("unknown break '{name}'", name=id_), place, did_you_mean(id_, ids))
        elif id_ not in touching and seen:
            text = say("'{metric}' is not touched by '{name}'", metric=metric.id, name=id_)
            marking.say("GK115", text, place, _about(marking, id_))
        try:
            quantity = parse_quantity(written)
            if quantity.unit not in {None, PERCENT} or not quantity.value > 0 or not isfinite(quantity.value):
                raise ValueError(say("'{text}' is not a factor above 0", text=str(written)))
        except ValueError as error:
            help_ = say("write what numbers from before it count as now: 1.35")
            marking.say("GK210", str(error), placed.at("bridges", id_), help_)
        else:
            factors[id_] = quantity.value
            if metric.kind == "rank" and quantity.value != 1:
                help_ = say(
                    "no factor turns one rank into another: leave it out, or write 1 if the break did not touch it"
                )
                marking.say("GK115", say("a bridge does not go with kind: rank"), placed.at("bridges", id_), help_)
    return tuple(replace(touch, factor=factors.get(touch.change.id)) for touch in touches)


def _about(marking: _Marking, id_: str) -> str:
    if id_ in marking.declared:
        return say("it is about {metrics}", metrics=enumerated(marking.declared[id_].metrics))
    entry = marking.registered[id_]
    if entry.change.kind == RENAMED:
        return say("the number only has another name since: there is nothing to bridge")
    return say(
        "it is about {metrics} of {platform}: say platform: {platform} on the source of such",
        metrics=enumerated(entry.metrics),
        platform=entry.platforms[0],
    )


def _weighed(metric: MetricDefinition, touches: Mapping[str, tuple[Touch, ...]]) -> tuple[Touch, ...]:
    """The metric's touches, for an average with those of its weight: what it is an average over has changed."""
    found = {(touch.change.id, touch.source): touch for touch in touches[metric.id]}
    for weight in touches.get(metric.weighted_by or "", ()):
        own = found.get((weight.change.id, weight.source), replace(weight, factor=None))
        found[weight.change.id, weight.source] = replace(own, weight_factor=weight.factor or 1.0)
    return tuple(found.values())
