"""How a rule is judged on its way, and how sure it must be: pace and evidence as written to as meant."""

from __future__ import annotations

from typing import Any

from goalkeeper import model_rules
from goalkeeper.problems import Problem
from goalkeeper.project import Placed
from goalkeeper.quantity import parse_quantity
from goalkeeper.said import enumerated, one_of, say
from goalkeeper.statements import Ask, Change, Evidence, Pace

SHAPES = {
    "keep": ("linear", "like baseline", "same period last year", "weekday"),
    "count": ("linear", "like baseline", "same period last year", "weekday"),
    "flow": ("linear", "like baseline", "same period last year", "weekday"),
    "growth": ("linear", "like baseline", "same period last year"),
    "level": ("linear", "geometric"),
    "ratio": ("linear",),
}
"""The shapes that make sense for what is judged: days fill up a flow, a level is on a path, a ratio is as it is.

A running total is a `growth`: what it grew by is known from edge to edge, and not for each day.
"""
_CALLED = {"growth": say("a running total"), "level": say("a level"), "ratio": say("a ratio or an average")}


def read_pace(
    written: model_rules.PaceShape | model_rules.Pace | None, nature: str, placed: Placed[Any], problems: list[Problem]
) -> Pace:
    """The pace that a rule says, for a KPI of this nature; what is wrong goes to *problems*."""
    if written is None:
        return Pace()
    pace = written if isinstance(written, model_rules.Pace) else model_rules.Pace(shape=written)
    at = ("pace",) if isinstance(written, str) else ("pace", "shape")
    if pace.shape not in SHAPES.get(nature, (pace.shape,)):
        fits = _or(SHAPES[nature])
        what = _CALLED.get(nature, say("a number that adds up"))
        text = say("a pace of '{shape}' does not go with {what}", shape=pace.shape, what=what)
        problems.append(Problem("GK404", text, placed.at(*at), say("write {shapes}", shapes=fits)))
    by_chance = pace.judge == "probability"
    if by_chance and nature not in {"count", "unknown"}:
        text = say(
            "a probability is told from the numbers of single days, which a running total does not have"
            if nature == "growth"
            else "a probability is told for counts that are to grow or to be reached"
        )
        help_ = say("take judge: out; the pace can be {shapes}", shapes=_or(SHAPES[nature]))
        problems.append(Problem("GK404", text, placed.at("pace", "judge"), help_))
    if pace.on_track is not None and not by_chance:
        problems.append(
            Problem(
                "GK404",
                say("'on_track' goes with 'judge: probability': by index, on track is 100% of the target"),
                placed.at("pace", "on_track", key=True),
                say("take it out"),
            )
        )
    on_track, at_risk = (0.7, 0.3) if by_chance else (1.0, 0.9)
    if pace.on_track is not None:
        on_track = _share(pace.on_track, placed, ("pace", "on_track"), problems) or on_track
    if pace.at_risk is None:
        at_risk = min(at_risk, on_track)
    else:
        at_risk = _share(pace.at_risk, placed, ("pace", "at_risk"), problems) or min(at_risk, on_track)
    if at_risk > on_track:
        problems.append(
            Problem(
                "GK404",
                say("at risk begins above on track"),
                placed.at("pace", "at_risk"),
                say("write less than {share:.0%}", share=on_track),
            )
        )
    return Pace(pace.shape, by_chance, on_track, at_risk)


def _or(shapes: tuple[str, ...]) -> str:
    return one_of(filter(None, (enumerated(shapes[:-1]), shapes[-1])))


def read_evidence(
    written: model_rules.Evidence | None, ask: Ask, placed: Placed[Any], problems: list[Problem]
) -> Evidence:
    """The evidence that a rule asks for; what is wrong goes to *problems*."""
    if written is None:
        return Evidence()
    if not isinstance(ask, Change):
        problems.append(
            Problem(
                "GK404",
                say("'evidence' goes with increase and decrease"),
                placed.at("evidence", key=True),
                say("take it out"),
            )
        )
    confidence = Evidence().confidence
    if written.confidence is not None:
        confidence = _share(written.confidence, placed, ("evidence", "confidence"), problems) or confidence
        if not 0.5 <= confidence < 1:
            problems.append(
                Problem(
                    "GK210",
                    say("'{text}' is no confidence: it lies between 50% and 100%", text=str(written.confidence)),
                    placed.at("evidence", "confidence"),
                    say("write 90%"),
                )
            )
            confidence = Evidence().confidence
    return Evidence(confidence, written.require, asked=True)


def _share(text: str | float, placed: Placed[Any], path: tuple[str, ...], problems: list[Problem]) -> float | None:
    """A share above 0 and up to 1, as `85%` or 0.85; None for what is none, which goes to *problems*."""
    try:
        quantity = parse_quantity(text)
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at(*path)))
        return None
    if quantity.unit not in {None, "percent"} or not 0 < quantity.value <= 1:
        message = say("'{text}' is no share: write one such as 85%", text=str(text))
        problems.append(Problem("GK210", message, placed.at(*path)))
        return None
    return quantity.value
