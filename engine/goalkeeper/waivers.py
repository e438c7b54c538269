"""Exceptions that end: which verdicts they are about, and what is said when one is about to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from goalkeeper.calendar import Duration, Unit
from goalkeeper.definitions import matches
from goalkeeper.meaning import Waiver
from goalkeeper.problems import Problem, Severity
from goalkeeper.resolve import is_about
from goalkeeper.said import say
from goalkeeper.statements import Rule
from goalkeeper.verdict import Outcome, Verdict

SOON = 14
"""A waiver that ends in so many days or fewer is said."""


def about(waivers: Sequence[Waiver], rule: Rule, goal: str) -> list[Waiver]:
    """The waivers that are about a rule of a goal, those that have ended among them."""
    return [one for one in waivers if one.goal == goal and (one.rule is None or is_about(rule, one.rule))]


def waived(verdict: Verdict, waivers: Sequence[Waiver], as_of: date) -> Verdict:
    """The verdict with the waiver that is about its segment; one that has ended is said where it would be missed."""
    for waiver in waivers:
        if not all(matches(only, verdict.segment.get(only.dimension, "")) for only in waiver.where):
            continue
        if as_of <= waiver.note.until:
            return replace(verdict, outcome=Outcome.WAIVED, waiver=waiver.note)
        if verdict.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}:
            ended = say("the waiver by {owner} ended on {day}", owner=waiver.note.owner, day=waiver.note.until)
            verdict = replace(verdict, reasons=(*verdict.reasons, ended))
    return verdict


def ending(waivers: Sequence[Waiver], as_of: date) -> Iterator[Problem]:
    """The waivers that end within days, and those that have ended and hold nothing any more."""
    for waiver in waivers:
        left = (waiver.note.until - as_of).days
        if left > SOON:
            continue
        told = {"goal": waiver.goal, "owner": waiver.note.owner, "day": waiver.note.until}
        if left < 0:
            text = say("the waiver of '{goal}' by {owner} ended on {day}", **told)
            help_ = say("take it out, or agree on a later day")
        else:
            text = (
                say("the waiver of '{goal}' by {owner} ends on {day}, today", **told)
                if left == 0
                else say(
                    "the waiver of '{goal}' by {owner} ends on {day}, in {left}", left=Duration(left, Unit.DAY), **told
                )
            )
            help_ = say("mend what it is about by then, or agree on a later day: after it what failed counts again")
        yield Problem("GK408", text, waiver.location, help_, Severity.WARNING)
