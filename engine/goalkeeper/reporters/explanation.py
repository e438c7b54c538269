"""An explanation as text: every number with its origin, so that it can be checked by hand."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.columns import Missing
from goalkeeper.explanation import ExplainedRule, Explanation, Working
from goalkeeper.quantity import exact_quantity
from goalkeeper.reporters import contributions
from goalkeeper.reporters.safe import safe
from goalkeeper.slips import quoted
from goalkeeper.verdict import Bounds, GoalResult, Verdict

_NEEDS_QUOTES = re.compile(r"^$|^[\s%@`&*!|>?'\"-]|[,\[\]{}#]|:(?=\s|$)|\s$")
"""What YAML reads as something else when it stands bare inside braces."""


def render(explanation: Explanation, *, width: int = 80, verbose: bool = False) -> str:
    """The goals explained, then the files and a query for each number of the verdict that stands for its rule.

    *verbose* writes the queries of all verdicts, and those that were run.
    """
    lines: list[str] = []
    for goal, rules in explanation.goals:
        lines += _goal(goal, explanation)
        for rule in rules:
            lines += _rule(rule, width)
    lines += _inputs(explanation)
    lines += _by_hand(explanation, verbose=verbose)
    for source, queries in explanation.queries.items() if verbose else ():
        for number, (query, values) in enumerate(queries, 1):
            lines += [f"SQL {number} for {safe(source)}", *_indented(query, 2), *_values(values), ""]
    return "\n".join(lines).rstrip() + "\n"


def _goal(goal: GoalResult, explanation: Explanation) -> Iterator[str]:
    yield f"Goal {safe(goal.name)}: {goal.outcome}"
    score = "no score" if goal.score is None else f"score {goal.score:.1f} on {goal.weight_covered:.0%} of the weight"
    yield f"  as of {explanation.plan.as_of} (days before it are complete), rollup {safe(goal.rollup)}, {score}"
    if goal.location is not None:
        yield f"  declared in {safe(goal.location.file)}:{goal.location.line}"
    yield ""


def _rule(rule: ExplainedRule, width: int) -> Iterator[str]:
    result = rule.result
    yield f"Rule {safe(result.rule)}: {result.outcome}"
    yield from textwrap.wrap(
        f"read as {_written(rule.mapping)}",
        max(width, 40),
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    workings = {id(w): w for w in rule.workings}
    for verdict in result.verdicts:
        working = next((w for w in workings.values() if _belongs(w, verdict)), None)
        yield from _verdict(verdict, working, width)
    if result.idle:
        yield f"  {len(result.idle)} segments without rows in the window were not judged"
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
    segment = ", ".join(f"{safe(name)} {safe(value) or '(blank)'}" for name, value in verdict.segment.items())
    yield f"  {segment or 'all segments'}: {verdict.state.replace('_', ' ')} ({verdict.outcome})"
    if verdict.window is not None:
        days = f"{verdict.elapsed} of {verdict.window.days} days complete"
        yield f"    window    {verdict.window.first} to {verdict.window.last}, {days}"
    if verdict.baseline_window is not None:
        yield f"    baseline  {verdict.baseline_window.first} to {verdict.baseline_window.last}"
    if verdict.coverage is not None:
        yield f"    coverage  rows on {verdict.coverage.days} of {verdict.coverage.of} days"
    from_others = {one.name: one.text for one in working.worked} if working is not None else {}
    for name, label, number in _numbers(verdict):
        line, worked = f"    {label:<10}{number}", from_others.get(name)
        if worked is None:
            yield line
        elif len(f"{line} = {worked}") <= width:
            yield f"{line} = {worked}"
        else:
            yield line
            yield from textwrap.wrap(f"= {worked}", max(width, 40), initial_indent=" " * 14, subsequent_indent=" " * 16)
    for reason in verdict.reasons:
        yield from textwrap.wrap(safe(reason), max(width, 40), initial_indent="    - ", subsequent_indent="      ")
    if working is not None and working.steps:
        yield f"    the numbers behind it, from {working.rows:,} rows"
        yield from _steps(working)
    if verdict.drivers is not None:
        yield from (f"    {line}" for line in contributions.tables(verdict.drivers, verdict.unit))


def _numbers(verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    """The numbers of a verdict: the name of each, how it is called here, and what it is."""

    def show(value: float) -> str:
        return exact_quantity(value, verdict.unit)

    if isinstance(verdict.value, Missing):
        yield "value", "value", f"no number: {safe(verdict.value.detail)}"
    elif verdict.value is not None:
        yield "value", "value", show(verdict.value)
    if isinstance(verdict.target, Bounds):
        low, high = verdict.target.low, verdict.target.high
        yield "target", "bounds", f"{show(low) if low is not None else ''} to {show(high) if high is not None else ''}"
    elif isinstance(verdict.target, float):
        yield "target", "target", show(verdict.target)
    if isinstance(verdict.baseline, float):
        yield "baseline", "baseline", show(verdict.baseline)
    for name, label, number in (
        ("expected", "expected", verdict.expected),
        ("projection", "projected", verdict.projection),
        ("needed_per_day", "a day", verdict.needed_per_day),
    ):
        if number is not None:
            yield name, label, show(number)
    if verdict.index is not None:
        yield "index", "index", f"{verdict.index:.3f}"
    if verdict.progress is not None:
        yield "progress", "progress", f"{verdict.progress:.1%}"


def _steps(working: Working) -> Iterator[str]:
    for step in working.steps:
        value, baseline = (_shown(number, step.unit) for number in (step.value, step.baseline))
        before = f", baseline {baseline}" if step.baseline is not None else ""
        inserted = f" = {step.inserted}" if step.inserted is not None else ""
        yield f"      {'  ' * step.depth}{safe(step.name)} = {value}{safe(inserted)}{before}   ({safe(step.origin)})"


def _shown(number: float | Missing | None, unit: str | None) -> str:
    match number:
        case Missing(_, detail):
            return f"no number ({safe(detail)})"
        case None:
            return ""
        case _:
            return exact_quantity(number, unit)


def _inputs(explanation: Explanation) -> Iterator[str]:
    if explanation.inputs:
        yield "Files"
    for file in explanation.inputs:
        yield f"  {safe(file.path)} ({safe(file.source)}): {file.rows:,} rows, sha256 {file.sha256[:16]}..."
    yield ""


def _by_hand(explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    """For each number that is read from rows: what gives it in DuckDB."""
    queries = {
        query.text: f"{step.name}{_whose(working)}, {query.window}: {_shown(query.value, step.unit)}"
        for _, rules in explanation.goals
        for rule in rules
        for working in _worst_first(rule, verbose=verbose)
        for step in working.steps
        for query in step.queries
    }
    if not queries:
        return
    yield "SQL that gives these numbers, to paste into DuckDB in this folder"
    if any("'ROWS/" in view for view in explanation.views.values()):
        yield "  (the rows of exports, as they were read: goalkeeper explain --rows ROWS writes them)"
    for view in explanation.views.values():
        yield from _indented(view, 2)
    for text, said in queries.items():
        yield ""
        yield f"  -- {safe(said)}"
        yield from _indented(f"{text};", 2)
    yield ""


def _whose(working: Working) -> str:
    return "".join(f", {name} {value or '(blank)'}" for name, value in working.segment.items())


def _worst_first(rule: ExplainedRule, *, verbose: bool) -> Sequence[Working]:
    """The workings of a rule; without *verbose* that of the verdict that stands for it."""
    worst = rule.result.worst
    return rule.workings if verbose else [one for one in rule.workings if _belongs(one, worst)][:1]


def _indented(text: str, columns: int) -> Iterator[str]:
    return (" " * columns + safe(line) for line in text.splitlines())


def _values(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, list):
            shown = f"{value[0]} ... {value[-1]} ({len(value)} values)" if len(value) > 1 else str(value)
        else:
            shown = str(value)
        yield f"  ${key} = {safe(shown)}"
