"""An explanation as text: every number with its origin, so that it can be checked by hand."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.columns import Missing
from goalkeeper.explanation import ExplainedRule, Explanation, Working
from goalkeeper.languages import ENGLISH, Shown, spoken, tr
from goalkeeper.quantity import exact_quantity
from goalkeeper.reporters import contributions
from goalkeeper.reporters.layout import cells, directed, pad, wrap
from goalkeeper.reporters.phrases import words_of
from goalkeeper.reporters.safe import day, place, safe
from goalkeeper.said import Figure, Listed, enumerated, say
from goalkeeper.slips import quoted
from goalkeeper.verdict import Bounds, GoalResult, Segment, Verdict

_NEEDS_QUOTES = re.compile(r"^$|^[\s%@`&*!|>?'\"-]|[,\[\]{}#]|:(?=\s|$)|\s$")
"""What YAML reads as something else when it stands bare inside braces."""


def render(explanation: Explanation, *, width: int = 80, verbose: bool = False) -> str:
    """The goals explained, then the files and a query for each number of the verdict that stands for its rule.

    *verbose* writes the queries of all verdicts, and those that were run.
    """
    told: list[str] = []
    for goal, rules in explanation.goals:
        told += _goal(goal, explanation)
        for rule in rules:
            told += _rule(rule, width)
    told += _inputs(explanation)
    lines = [directed(line) for line in told]
    lines += _by_hand(explanation, verbose=verbose)
    for source, queries in explanation.queries.items() if verbose else ():
        for number, (query, values) in enumerate(queries, 1):
            head = tr("SQL {number} for {source}", number=number, source=source)
            lines += [directed(head), *_indented(query, 2), *_values(values), ""]
    return "\n".join(lines).rstrip() + "\n"


def _goal(goal: GoalResult, explanation: Explanation) -> Iterator[str]:
    yield tr("Goal {goal}: {outcome}", goal=goal.name, outcome=goal.outcome)
    told = tr(
        "as of {as_of} (days before it are complete), rollup {rollup}, no score"
        if goal.score is None
        else "as of {as_of} (days before it are complete), rollup {rollup}, "
        "score {score:.1f} on {covered:.0%} of the weight",
        as_of=explanation.plan.as_of,
        rollup=goal.rollup,
        score=goal.score,
        covered=goal.weight_covered,
    )
    yield f"  {told}"
    if goal.location is not None:
        yield f"  {tr('declared in {place}', place=place(goal.location))}"
    yield ""


def _rule(rule: ExplainedRule, width: int) -> Iterator[str]:
    result = rule.result
    yield tr("Rule {rule}: {outcome}", rule=result.rule, outcome=result.outcome)
    read_as = tr("read as {mapping}", mapping=Shown(_written(rule.mapping)))
    yield from _wrapped(read_as, width, "  ", "    ", whole=True)
    for verdict in result.verdicts:
        working = next((w for w in rule.workings if _belongs(w, verdict)), None)
        yield from _verdict(verdict, working, width)
    if result.idle:
        idle = tr("{count} segments without rows in the window were not judged", count=len(result.idle))
        yield f"  {idle}"
    yield ""


def _written(value: Any) -> str:
    """A value as it is written in a goal file, on one line."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{_written(key)}: {_written(inner)}' for key, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}" if float(f"{value:g}") == value else repr(value)
        case _:
            text = safe(str(value))
            return quoted(text) if _NEEDS_QUOTES.search(text) else text


def _belongs(working: Working, verdict: Verdict) -> bool:
    return working.segment == verdict.segment and working.frame.window == verdict.window


def _verdict(verdict: Verdict, working: Working | None, width: int) -> Iterator[str]:
    told = tr(
        "{segment}: {state} ({outcome})",
        segment=_segment(verdict.segment) if verdict.segment else say("all segments"),
        state=words_of(verdict.state),
        outcome=verdict.outcome,
    )
    yield f"  {told}"
    if verdict.window is not None:
        yield _labelled(
            tr("window"),
            tr(
                "{window}, {elapsed} of {days} days complete",
                window=verdict.window,
                elapsed=verdict.elapsed,
                days=verdict.window.days,
            ),
        )
    if verdict.baseline_window is not None:
        yield _labelled(tr("baseline"), day(verdict.baseline_window))
    if verdict.coverage is not None:
        rows = tr("rows on {days} of {of} days", days=verdict.coverage.days, of=verdict.coverage.of)
        yield _labelled(tr("coverage"), rows)
    from_others = {one.name: one.text for one in working.worked} if working is not None else {}
    for name, label, number in _numbers(verdict):
        line, worked = _labelled(label, number), from_others.get(name)
        if worked is None:
            yield line
        elif cells(f"{line} = {safe(worked)}") <= width:
            yield f"{line} = {safe(worked)}"
        else:
            yield line
            yield from _wrapped(f"= {safe(worked)}", width, " " * 14, " " * 16)
    for reason in verdict.reasons:
        yield from _wrapped(safe(reason), width, "    - ", "      ")
    if working is not None and working.steps:
        yield f"    {tr('the numbers behind it, from {rows:,} rows', rows=working.rows)}"
        yield from _steps(working)
    if verdict.drivers is not None:
        yield from (f"    {line}" for line in contributions.tables(verdict.drivers, verdict.unit))


def _wrapped(text: str, width: int, indent: str, later: str, *, whole: bool = False) -> Iterator[str]:
    """*text* in lines; what is isolated in it ends with a line, and begins again in the next one.

    *whole* keeps words whole.
    """
    if spoken() is ENGLISH:
        yield from textwrap.wrap(
            text,
            max(width, 40),
            initial_indent=indent,
            subsequent_indent=later,
            break_long_words=not whole,
            break_on_hyphens=not whole,
        )
    else:
        yield from wrap(text, max(width, 40), indent, later)


def _labelled(label: str, text: str) -> str:
    """A number of a verdict after what it is called."""
    return f"    {pad(label, 10)}{text}"


def _segment(segment: Segment) -> Listed:
    """The dimensions of a segment, each with its value."""
    return enumerated(
        say("{dimension} {value}", dimension=name, value=value or say("(blank)")) for name, value in segment.items()
    )


def _numbers(verdict: Verdict) -> Iterator[tuple[str, Shown, Shown]]:
    """The numbers of a verdict: the name of each, how it is called here, and what it is."""

    def show(value: float | None) -> Shown:
        return safe(exact_quantity(value, verdict.unit) if value is not None else "")

    if isinstance(verdict.value, Missing):
        yield "value", tr("value"), tr("no number: {reason}", reason=verdict.value.detail)
    elif verdict.value is not None:
        yield "value", tr("value"), show(verdict.value)
    if isinstance(verdict.target, Bounds):
        ends = tr("{low} to {high}", low=show(verdict.target.low), high=show(verdict.target.high))
        yield "target", tr("bounds"), ends
    elif isinstance(verdict.target, float):
        yield "target", tr("target"), show(verdict.target)
    if isinstance(verdict.baseline, float):
        yield "baseline", tr("baseline"), show(verdict.baseline)
    if verdict.expected is not None:
        yield "expected", tr("expected"), show(verdict.expected)
    if verdict.projection is not None:
        yield "projection", tr("projected"), show(verdict.projection)
    if verdict.needed_per_day is not None:
        yield "needed_per_day", tr("a day"), show(verdict.needed_per_day)
    if verdict.index is not None:
        yield "index", tr("index"), _figure(f"{verdict.index:.3f}")
    if verdict.progress is not None:
        yield "progress", tr("progress"), _figure(f"{verdict.progress:.1%}")


def _figure(number: str) -> Shown:
    return safe(Figure(number, number))


def _steps(working: Working) -> Iterator[str]:
    for step in working.steps:
        told = {
            "name": step.name,
            "value": _shown(step.value, step.unit),
            "inserted": step.inserted,
            "baseline": _shown(step.baseline, step.unit),
            "origin": step.origin,
        }
        if step.baseline is None:
            line = tr(
                "{name} = {value}   ({origin})"
                if step.inserted is None
                else "{name} = {value} = {inserted}   ({origin})",
                **told,
            )
        else:
            line = tr(
                "{name} = {value}, baseline {baseline}   ({origin})"
                if step.inserted is None
                else "{name} = {value} = {inserted}, baseline {baseline}   ({origin})",
                **told,
            )
        yield f"      {'  ' * step.depth}{line}"


def _shown(number: float | Missing | None, unit: str | None) -> str:
    match number:
        case Missing(_, detail):
            return say("no number ({reason})", reason=detail)
        case None:
            return ""
        case _:
            return exact_quantity(number, unit)


def _inputs(explanation: Explanation) -> Iterator[str]:
    if explanation.inputs:
        yield tr("Files")
    for file in explanation.inputs:
        told = tr(
            "{path} ({source}): {rows:,} rows, {digest}",
            path=file.path,
            source=file.source,
            rows=file.rows,
            digest=f"sha256 {file.sha256[:16]}...",
        )
        yield f"  {told}"
    yield ""


def _by_hand(explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    """For each number that is read from rows: what gives it in DuckDB."""
    queries = {
        query.text: say(
            "{name}, {segment}, {window}: {value}" if working.segment else "{name}, {window}: {value}",
            name=step.name,
            segment=_segment(working.segment),
            window=query.window,
            value=_shown(query.value, step.unit),
        )
        for _, rules in explanation.goals
        for rule in rules
        for working in _worst_first(rule, verbose=verbose)
        for step in working.steps
        for query in step.queries
    }
    if not queries:
        return
    yield directed(tr("SQL that gives these numbers, to paste into DuckDB in this folder"))
    if any("'ROWS/" in view for view in explanation.views.values()):
        command = "goalkeeper explain --rows ROWS"
        written = tr("(the rows of exports, as they were read: {command} writes them)", command=command)
        yield directed(f"  {written}")
    for view in explanation.views.values():
        yield from _indented(view, 2)
    for text, said in queries.items():
        yield ""
        yield f"  -- {safe(said)}"
        yield from _indented(f"{text};", 2)
    yield ""


def _worst_first(rule: ExplainedRule, *, verbose: bool) -> Sequence[Working]:
    """The workings of a rule; without *verbose* that of the verdict that stands for it."""
    worst = rule.result.worst
    return rule.workings if verbose else [one for one in rule.workings if _belongs(one, worst)][:1]


def _indented(text: str, columns: int) -> Iterator[str]:
    return (" " * columns + safe(line) for line in text.splitlines())


def _values(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, list) and len(value) > 1:
            ends = {"first": str(value[0]), "last": str(value[-1]), "count": len(value)}
            shown = tr("{first} ... {last} ({count} values)", **ends)
        else:
            shown = safe(str(value))
        yield f"  ${key} = {shown}"
