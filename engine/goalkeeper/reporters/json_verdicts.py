"""Verdicts as JSON, a line each. There may be tens of thousands, so a line is put together from texts.

What the verdicts of one rule have in common is written once, and a number goes through `json_parts.number` only where
its text is not simply that of its digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from json.encoder import encode_basestring as quoted
from typing import Any

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.moves import Drivers, SegmentDrivers
from goalkeeper.reporters import json_parts
from goalkeeper.reporters.inert import quiet_json
from goalkeeper.verdict import Bounds, Segment, Verdict

_DIGITS = f"%.{json_parts.DIGITS}g"


def lines(verdicts: Sequence[Verdict], *, jalali: bool) -> Iterator[str]:
    """The verdicts of one rule."""
    for _, alike in groupby(verdicts, _in_common):
        yield from _alike(list(alike), jalali=jalali)


def _in_common(verdict: Verdict) -> tuple[Any, ...]:
    """What tells apart verdicts that have not all of `_alike` in common."""
    return (
        verdict.rule,
        verdict.kind,
        verdict.kpi,
        verdict.unit,
        verdict.elapsed,
        id(verdict.window),
        id(verdict.baseline_window),
        id(verdict.coverage),
        id(verdict.location),
    )


def _alike(verdicts: Sequence[Verdict], *, jalali: bool) -> Iterator[str]:
    """Verdicts of one rule and window: a list has the texts of each, and what is no list is the same in all."""
    first, days = verdicts[0], verdicts[0].coverage
    fields: dict[str, str | list[str]] = {
        "rule": json_parts.dump(first.rule),
        "kind": json_parts.dump(first.kind),
        "kpi": json_parts.dump(first.kpi),
        "segment": [_segment(verdict.segment) for verdict in verdicts],
        "outcome": [quoted(verdict.outcome) for verdict in verdicts],
        "state": [quoted(verdict.state) for verdict in verdicts],
        "value": _numbers([verdict.value for verdict in verdicts]),
        "target": [_target(verdict.target) for verdict in verdicts],
        "baseline": _numbers([verdict.baseline for verdict in verdicts]),
        "expected": _numbers([verdict.expected for verdict in verdicts]),
        "index": _numbers([verdict.index for verdict in verdicts]),
        "progress": _numbers([verdict.progress for verdict in verdicts]),
        "projection": _numbers([verdict.projection for verdict in verdicts]),
        "needed_per_day": _numbers([verdict.needed_per_day for verdict in verdicts]),
        "needed_uplift": _numbers([verdict.needed_uplift for verdict in verdicts]),
        "so_far": _numbers([verdict.so_far for verdict in verdicts]),
        "window": json_parts.dump(_window(first.window, first.elapsed, jalali=jalali)),
        "baseline_window": json_parts.dump(json_parts.window(first.baseline_window, jalali=jalali)),
        "coverage": json_parts.dump({"days": days.days, "of": days.of} if days else None),
        "reasons": [f"[{', '.join(map(quoted, verdict.reasons))}]" for verdict in verdicts],
        "unit": json_parts.dump(first.unit),
        "location": json_parts.dump(json_parts.location(first.location)),
    }
    more = ["".join(f", {part}" for part in _more(verdict)) for verdict in verdicts]
    line = ", ".join(
        f'"{name}": {"%s" if isinstance(text, list) else text.replace("%", "%%")}' for name, text in fields.items()
    )
    columns = [texts for texts in fields.values() if isinstance(texts, list)]
    found = "\n".join(map(f"{{{line}%s}}".__mod__, zip(*columns, more, strict=True)))
    yield from quiet_json(found).split("\n")


def _numbers(values: list[float | Missing | None]) -> str | list[str]:
    return list(map(_number, values)) if any(value is not None for value in values) else "null"


def _field(key: str, value: Any) -> str:
    return f'"{key}": {json_parts.dump(value)}'


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def _segment(segment: Segment) -> str:
    return "{" + ", ".join(f"{quoted(dimension)}: {quoted(value)}" for dimension, value in segment.items()) + "}"


def _number(value: float | Missing | None) -> str:
    """`json_parts.number` as text."""
    if value is None:
        return "null"
    if type(value) is float and 1e-4 <= abs(value) < json_parts.MANY:  # where the digits alone are the text
        return _DIGITS % value
    return json_parts.dump(json_parts.number(value))


def _target(value: float | Bounds | Missing | None) -> str:
    return json_parts.dump(json_parts.target(value)) if isinstance(value, Bounds) else _number(value)


def _more(verdict: Verdict) -> Iterator[str]:
    """What not all verdicts have."""
    if verdict.likely is not None:
        likely = verdict.likely
        yield _field(
            "likely",
            {
                "chance": json_parts.number(likely.chance),
                "low": json_parts.number(likely.low),
                "high": json_parts.number(likely.high),
                "confidence": json_parts.number(likely.confidence),
                "dispersion": json_parts.number(likely.dispersion),
            },
        )
    if verdict.proof is not None:
        proof = verdict.proof
        yield _field(
            "proof",
            {
                "low": json_parts.number(proof.low),
                "high": json_parts.number(proof.high),
                "unit": "lift" if proof.relative else "points",
                "confidence": json_parts.number(proof.confidence),
                "method": proof.method,
                "dispersion": json_parts.number(proof.dispersion),
                "lift": proof.lift,
                "target": proof.target,
                "tests": proof.tests,
            },
        )
    if verdict.breakdown:
        yield _field(
            "breakdown",
            [
                {
                    "segment": dict(part.segment),
                    "value": json_parts.number(part.value),
                    "baseline": json_parts.number(part.baseline),
                }
                for part in verdict.breakdown
            ],
        )
    if verdict.drivers is not None:
        yield f'"drivers": {_drivers(verdict.drivers)}'
    if verdict.breaks:
        yield _field("breaks", verdict.breaks)
    if verdict.waiver is not None:
        waiver = verdict.waiver
        yield _field(
            "waiver",
            {
                "owner": waiver.owner,
                "reason": waiver.reason,
                "until": json_parts.day(waiver.until),
                "ticket": waiver.ticket,
            },
        )


def _drivers(drivers: Drivers) -> str:
    inputs = (
        f'{{"name": {quoted(one.name)}, "before": {_number(one.before)}, "after": {_number(one.after)}, '
        f'"unit": {_text(one.unit)}, "contribution": {_number(one.contribution)}}}'
        for one in drivers.inputs
    )
    segments = json_parts.dump([_segments(told) for told in drivers.segments]) if drivers.segments else "[]"
    return (
        f'{{"before": {_number(drivers.before)}, "after": {_number(drivers.after)}, '
        f'"change": {_number(drivers.change)}, "compared": {quoted(drivers.compared)}, '
        f'"inputs": [{", ".join(inputs)}], "segments": {segments}, '
        f'"notes": [{", ".join(map(quoted, drivers.notes))}]}}'
    )


def _segments(told: SegmentDrivers) -> dict[str, Any]:
    ratio = told.divisor is not None
    of_whole = {
        "divisor": told.divisor,
        "rate": json_parts.number(told.rate),
        "mix": json_parts.number(told.mix),
        "simpson": told.simpson,
    }
    parts = []
    for part in told.parts:
        shares = {
            "share_before": json_parts.number(part.share_before),
            "share_after": json_parts.number(part.share_after),
        }
        effects = {"rate": json_parts.number(part.rate), "mix": json_parts.number(part.mix)}
        own = {"name": part.name, "before": json_parts.number(part.before), "after": json_parts.number(part.after)}
        parts.append(
            {**own, "contribution": json_parts.number(part.contribution), **({**shares, **effects} if ratio else {})}
        )
    others = (
        {"segments": told.others, "contribution": json_parts.number(told.others_contribution)} if told.others else None
    )
    return {"dimension": told.dimension, **(of_whole if ratio else {}), "parts": parts, "others": others}


def _window(window: Window | None, elapsed: int, *, jalali: bool) -> dict[str, Any] | None:
    if window is None:
        return None
    days: dict[str, Any] = {
        "start": json_parts.day(window.first),
        "end": json_parts.day(window.last),
        "days": window.days,
        "elapsed": elapsed,
    }
    if jalali:
        days["jalali"] = json_parts.in_jalali(window)
    left_out = [{"start": json_parts.day(first), "end": json_parts.day(last)} for first, last in window.left_out]
    return {**days, "excluded": left_out} if left_out else days
