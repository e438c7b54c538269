"""What each kind of metric needs to be told, and what the field knows a name for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from goalkeeper.definitions import (
    STOCK_MAX_AGE,
    Definition,
    Filter,
    KpiDefinition,
    MetricDefinition,
    label_of,
    texts_of,
)
from goalkeeper.formula import Formula
from goalkeeper.known import EVENTS, RATE, READY, Known, known_metrics
from goalkeeper.limits import KPI_DEPTH, KPI_READS, written_out
from goalkeeper.model import Kpi, Metric
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.project import Placed
from goalkeeper.said import Said, all_of, one_of, quoted, say
from goalkeeper.shifts import SHIFTS
from goalkeeper.units import RANK

if TYPE_CHECKING:
    from goalkeeper.sources.formats import Facts

QUANTILES = ("median", "percentile")
_OF_ONE_SOURCE = (*QUANTILES, "rank")
_DENOMINATOR = re.compile(r"/ (\w+)")
_UNSUMMED = ("unique", "rank", *QUANTILES)
_CALLED: Mapping[str, Said] = {
    "flow": say("a flow"),
    "stock": say("a stock"),
    "unique": say("a unique"),
    "average": say("an average"),
    "running_total": say("a running total"),
    "median": say("a median"),
    "percentile": say("a percentile"),
    "rank": say("a rank"),
}
"""Each kind in a sentence."""


def quantile_of(metric: Metric, kind: str) -> float | None:
    """The share of events that stay at or below a median or percentile."""
    if kind == "median":
        return 0.5
    return metric.percentile / 100 if kind == "percentile" and metric.percentile is not None else None


def define(
    name: str,
    metric: Metric,
    columns: tuple[tuple[str, str | None], ...],
    kind: str,
    where: Filter = (),
    max_age: int = STOCK_MAX_AGE.in_days,
    *,
    known: Facts | None = None,
    unit: str | None = None,
) -> MetricDefinition:
    """The definition of a metric, from what is written of it and the columns that were found for it.

    What is not written is as the file's format knows it (*known*, *unit*).
    """
    return MetricDefinition(
        name,
        columns,
        kind,
        metric.weighted_by or (known.weighted_by if known and kind == "average" else None),
        where,
        metric.unit or unit or (RANK if kind == RANK else None),
        metric.direction or (known.direction if known else None) or direction_of(kind),
        label_of(metric.label),
        max_age,
        level=metric.level or (known.level if known else None),
        quantile=quantile_of(metric, kind),
        begins_at_zero=metric.begins == "zero",
        stage=metric.stage or (known.stage if known else None),
        aspect=metric.aspect or (known.aspect if known else None),
        about=metric.about,
        in_place_of=texts_of(metric.in_place_of),
    )


def define_kpi(name: str, kpi: Kpi, formula: Formula, where: Filter, pack: str | None = None) -> KpiDefinition:
    """The definition of a KPI, from what is written of it."""
    return KpiDefinition(
        name,
        formula,
        where,
        kpi.unit,
        kpi.direction,
        label_of(kpi.label),
        kpi.level,
        stage=kpi.stage,
        aspect=kpi.aspect,
        about=kpi.about,
        pack=pack,
        in_place_of=texts_of(kpi.in_place_of),
    )


def too_large(formulas: Mapping[str, Formula], kpis: Mapping[str, Placed[Kpi]]) -> Iterator[tuple[str, Problem]]:
    """The KPIs that stand on too many others: what walks through the rest of them comes to an end soon."""
    reads = {name: [read.name for read in formula.reads] for name, formula in formulas.items()}
    for name, why in written_out(reads, KPI_DEPTH, KPI_READS):
        what = (
            say("'{name}' stands on KPIs that stand on others, more than {most} deep", name=name, most=KPI_DEPTH)
            if why == "deep"
            else say("'{name}' comes to read more than {most:,} names, all KPIs written out", name=name, most=KPI_READS)
        )
        yield name, Problem("GK106", what, kpis[name].at("formula"), say("put fewer KPIs in between"))


def direction_of(kind: str) -> str | None:
    """Which way is better where it is not said: the first place is the best."""
    return "down" if kind == RANK else None


def known_for(name: str, column: str | None) -> Known | None:
    """What the field knows a metric for: by its name, or else by its column's, whatever joins the words."""
    known = known_metrics()
    return next((known[plain] for plain in map(_plain, (name, column or "")) if plain in known), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def ask_more(
    name: str, placed: Placed[Metric], kind: str, sources: int, known: Facts | None = None
) -> Iterator[Problem]:
    """What a metric of this kind does not say and has to, or says and cannot; *known* is what its file's format says."""
    metric = placed.written
    at_kind = placed.at("kind") if metric.kind else placed.at(key=True)
    weighed = metric.weighted_by is not None or (known is not None and known.weighted_by is not None)
    if kind == "average" and not weighed and metric.to is None and metric.from_ is None:
        yield Problem(
            "GK111",
            say("the average '{name}' does not say what it is weighted by", name=name),
            at_kind,
            say("add weighted_by: with the metric that it is an average over, such as impressions"),
        )
    if kind == "percentile" and metric.percentile is None:
        text = say("the percentile '{name}' does not say which one", name=name)
        yield Problem("GK111", text, at_kind, say("add percentile: 90"))
    for key, wanted in (("weighted_by", "average"), ("percentile", "percentile"), ("begins", "running_total")):
        if getattr(metric, key) is not None and kind != wanted:
            text = say("'{key}' does not go with kind: {kind}", key=key, kind=kind)
            yield Problem("GK115", text, placed.at(key, key=True), say("use kind: {kind}", kind=wanted))
    if metric.count and metric.column:
        text = say("'{key}' does not go with '{other}'", key="column", other="count")
        yield Problem("GK115", text, placed.at("column", key=True), say("count: rows needs no column"))
    if metric.count and kind != "flow":
        text = say("'{key}' does not go with kind: {kind}", key="count", kind=kind)
        yield Problem("GK115", text, placed.at("count", key=True), say("counted rows add up: take kind: out"))
    if sources > 1 and kind in _OF_ONE_SOURCE:
        text = say("{kind} cannot be added up over sources", kind=_CALLED[kind])
        yield Problem("GK115", text, placed.at("source"), say("declare one metric for each source"))
    if sources > 1 and kind == "unique":
        yield Problem(
            "GK213",
            say("'{name}' counts people, who cannot be added up over sources", name=name),
            placed.at("source"),
            say("those in both would be counted twice: it stays inconclusive, with the bounds that it lies between"),
            Severity.WARNING,
        )


def unlike_known(name: str, placed: Placed[Metric], kind: str) -> Problem | None:
    """A warning when a metric is declared under another kind than the field knows it for. It is read as declared."""
    metric = placed.written
    known = None if metric.count else known_for(name, metric.column)
    if metric.kind is None or known is None or known.kind == kind or metric.in_place_of is not None:
        return None
    text: str
    match known.kind:
        case "rate" if kind == "average":
            weights = _DENOMINATOR.findall(known.instead)
            if not weights or metric.weighted_by in {None, *weights}:
                return None
            text = say(
                "'{name}' is known as {formula}: its average is right only when weighted by {weights}",
                name=name,
                formula=known.instead,
                weights=one_of(weights),
            )
            help_ = say("write weighted_by: {weight}", weight=weights[0])
            return Problem("GK213", text, placed.at("weighted_by"), help_, Severity.WARNING)
        case "rate":
            text, help_ = say("{formula}, a rate", formula=known.instead), _rate_help(known)
        case "events" if kind in {*QUANTILES, "average"}:
            return None
        case "events":
            text, help_ = say("the time of a single event"), say("use kind: median, or kind: percentile")
        case "ready":
            text, help_ = say("a ready-made median or percentile"), _FROM_EVENTS
        case "average":
            text, help_ = _CALLED["average"], say("use kind: average with weighted_by: {weight}", weight=known.instead)
        case _:
            text, help_ = _CALLED[known.kind], say("use kind: {kind}, or take kind: out", kind=known.kind)
    message = say("'{name}' is known as {known}, and is read as {kind} here", name=name, known=text, kind=_CALLED[kind])
    return Problem("GK213", message, placed.at("kind"), help_, Severity.WARNING)


def _rate_help(known: Known) -> Said:
    if not known.pack:
        return say("declare a KPI with the formula {formula}", formula=known.instead)
    return say(
        "take it from a pack, {use}, or declare a KPI with the formula {formula}",
        use=f"use: [{known.pack}]",
        formula=known.instead,
    )


_FROM_EVENTS = say("use kind: median over rows that are single events: daily medians do not combine")


def refusal(name: str, known: Known, place: Span | None, *, declared: bool) -> Problem | None:
    """Why a metric that says no kind cannot be taken for one of its known kind; None when it can.

    *declared*: whether it stands under `metrics:`, or is a column used under its own name.
    """
    formula = _rate_help(known)
    match known.kind:
        case "rate":
            text = say("'{name}' is a rate: it cannot be added up", name=name)
            help_ = say("{cure}, or say kind: average with weighted_by:", cure=formula) if declared else formula
        case "average":
            text = say("'{name}' is an average: it cannot be added up", name=name)
            help_ = (
                say("declare it under metrics: with kind: average and weighted_by: {weight}", weight=known.instead)
                if declared
                else say(
                    "declare it: {text}", text=f"metrics: {{{name}: {{kind: average, weighted_by: {known.instead}}}}}"
                )
            )
        case "events":
            text = say("'{name}' is the time of a single event: it cannot be added up", name=name)
            help_ = say(
                "where each row is one event, declare it: {text}", text=f"metrics: {{{name}: {{kind: median}}}}"
            )
        case "ready":
            text = say("'{name}' is a ready-made median or percentile: it neither adds up nor averages", name=name)
            help_ = _FROM_EVENTS
        case _:
            return None
    return Problem("GK213", text, place, help_)


def refused_kinds() -> frozenset[str]:
    """The known kinds that no metric can simply be read as."""
    return frozenset({RATE, EVENTS, READY, "average"})


def weight_problem(metric: MetricDefinition, weight: Definition | None, place: Span) -> Problem | None:
    """Why an average cannot be weighted by this metric; None when it can."""
    if weight is None:
        return None
    name = weight.id
    if isinstance(weight, KpiDefinition) or weight.kind != "flow":
        return Problem("GK213", say("an average is weighted by a flow, and '{name}' is none", name=name), place)
    if any(column is None for _, column in weight.columns):
        text = say("an average is weighted by a column, and '{name}' counts rows", name=name)
        return Problem("GK213", text, place, say("where each row is one event, use kind: median"))
    if weight.where not in {(), metric.where} or weight.within not in {(), metric.within}:
        text = say("'{name}' leaves out rows that '{metric}' is an average over", name=name, metric=metric.id)
        return Problem("GK213", text, place, say("weigh by a metric without a filter of its own"))
    having = {source for source, _ in weight.columns}
    missing = next((source for source, _ in metric.columns if source not in having), None)
    if missing is not None and having:
        text = say(
            "'{name}' is not taken from source '{source}', so it cannot weigh '{metric}' there",
            name=name,
            source=missing,
            metric=metric.id,
        )
        return Problem("GK303", text, place, say("weigh by a column of the same rows"))
    return None


def added_kinds(name: str, formula: Formula, definitions: Mapping[str, Definition], place: Span) -> Iterator[Problem]:
    """Warnings about a formula that adds what does not add up: people, ranks, medians."""
    for terms in _sums(formula.tree):
        found: dict[str, list[str]] = {}
        for term in terms:
            definition = definitions.get(term)
            if isinstance(definition, MetricDefinition) and definition.kind in _UNSUMMED:
                found.setdefault(definition.kind, []).append(term)
        for kind, names in found.items():
            if len(names) > 1:
                yield _adds(name, kind, all_of(map(quoted, dict.fromkeys(names))), place)


def _adds(name: str, kind: str, names: str, place: Span) -> Problem:
    """The warning about a sum of *names*, all of a kind of which there is none."""
    match kind:
        case "unique":
            text = say("'{name}' adds people: {names}", name=name, names=names)
            help_ = say("those in both are counted twice: the true number lies between the largest and the sum")
        case "rank":
            text = say("'{name}' adds ranks: {names}", name=name, names=names)
            help_ = say("places in an order do not add up: keep each in its own rule")
        case "median":
            text = say("'{name}' adds medians: {names}", name=name, names=names)
            help_ = say("the median of all lies somewhere between them: take it over the rows of all events")
        case _:
            text = say("'{name}' adds percentiles: {names}", name=name, names=names)
            help_ = say("percentiles do not add up: take one over the rows of all events")
    return Problem("GK213", text, place, help_, Severity.WARNING)


def _sums(tree: ast.expr) -> Iterator[list[str]]:
    """The names that stand beside each other in each sum of a formula."""
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and node not in inner:
            terms, waiting = [], [node.left, node.right]
            while waiting:
                term = waiting.pop(0)
                if isinstance(term, ast.BinOp) and isinstance(term.op, ast.Add):
                    inner.add(term)
                    waiting = [term.left, term.right, *waiting]
                    continue
                while isinstance(term, ast.Call) and isinstance(term.func, ast.Name) and term.func.id in SHIFTS:
                    term = term.args[0]
                if isinstance(term, ast.Name):
                    terms.append(term.id)
            yield terms
