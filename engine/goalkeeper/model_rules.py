"""Rules as written: a sentence, or a mapping of one of the closed kinds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from goalkeeper.limits import DIMENSIONS, WEIGHT
from goalkeeper.model_base import EACH_HELP, WHERE_HELP, Scalar, Text, Truth, Where, Written

PACE_HELP = (
    "How much of the way should be done by when. `linear`: every day counts the same. `like baseline`: as the days of "
    "the baseline went (of the period before, for a level to reach). `same period last year`: as those days went. "
    "`weekday`: as the weekdays of the 8 weeks before went. `geometric`: a level grows by the same share a day."
)
PaceShape = Literal["linear", "like baseline", "same period last year", "weekday", "geometric"]


class Pace(Written):
    """How much of the way should be done by when."""

    shape: PaceShape = Field(default="linear", description=PACE_HELP)
    judge: Literal["index", "probability"] = Field(
        default="index",
        description="What decides. `index`: the projection as a share of the target. `probability`: how likely the "
        "target is to be reached by the end, for counts.",
    )
    on_track: Scalar | None = Field(
        default=None,
        description="On track from this probability (70%). It goes with `judge: probability`.",
        examples=["70%"],
    )
    at_risk: Scalar | None = Field(
        default=None,
        description="At risk from this share of the target (90%), or from this probability (30%); off track below it.",
        examples=["85%", 0.85],
    )


def _pace_tag(value: Any) -> str:
    return "settings" if isinstance(value, dict | Pace) else "shape"


class Evidence(Written):
    """How sure a change must be."""

    confidence: Scalar | None = Field(
        default=None, description="How sure the interval of the lift is (95%).", examples=["90%"]
    )
    require: Literal["lift", "target"] | None = Field(
        default=None,
        description="What must be proven before a target that is met counts as met: that there is a `lift` at all, or "
        "that it is as large as the `target`.",
    )


AnyPace = Annotated[Annotated[PaceShape, Tag("shape")] | Annotated[Pace, Tag("settings")], Discriminator(_pace_tag)]
OnMissing = Literal["inconclusive", "fail", "warn"]
Dimensions = Text | Annotated[list[Text], Field(min_length=1, max_length=DIMENSIONS)]


class Weighed(Written):
    """What every rule may say about its place in the goal."""

    weight: Annotated[float, Field(ge=0, le=WEIGHT)] = Field(
        default=1.0, description="How much the rule counts in the goal's score."
    )
    key: Truth = Field(
        default=False,
        description="A key rule must hold: when it fails, its goal and the gate fail. Beside key rules the others "
        "can only warn.",
    )


class Options(Weighed):
    """What a rule about a KPI may say besides its sentence."""

    versus: Scalar | None = Field(
        default=None,
        description="What a change is measured from: `previous period` (the default), `same period last year`, a "
        "named period such as `2026-Q1`, or `2026-01-01 to 2026-03-31`.",
        examples=["same period last year", "2026-Q1"],
    )
    over: Text | None = Field(default=None, description="Judge only the last days of the period.", examples=["28 days"])
    each: Dimensions | None = Field(default=None, description=EACH_HELP, examples=["week", ["week", "campaign"]])
    in_: Scalar | None = Field(
        default=None,
        alias="in",
        description="How long the goal runs from its `start`, or a named period.",
        examples=["3 months", "2026-Q2"],
    )
    by: Text | None = Field(default=None, description="The last day of the period.", examples=["2026-06-30"])
    where: Where = Field(default={}, description=WHERE_HELP)
    warn: Text | None = Field(
        default=None,
        description="Warn while the value lies here, although the rule holds.",
        examples=["at least 11 EUR"],
    )
    min_sample: dict[str, Scalar] = Field(
        default={},
        description="Do not judge before these metrics have come this far.",
        examples=[{"conversions": 10}],
    )
    pace: AnyPace | None = Field(default=None, description=PACE_HELP, examples=["like baseline"])
    evidence: Evidence | None = Field(
        default=None,
        description="For a change: how sure its interval is, and what must be proven.",
        examples=[{"confidence": "90%", "require": "lift"}],
    )
    on_missing: OnMissing | None = Field(
        default=None, description="What a rule comes to when a number is missing. `inconclusive` by default."
    )


class SentenceRule(Options):
    """A rule sentence with options."""

    rule: Text = Field(description="The rule as a sentence.", examples=["increase conversions by 15%"])


class IncreaseRule(Options):
    """A rise from a baseline."""

    kpi: Text = Field(description="The metric or KPI.")
    increase: Scalar = Field(
        description="By how much, or to what: `15%`, `200`, `2 points`, `to 11,500`, `from 10,000 to 11,500`.",
        examples=["15%", "to 11,500"],
    )


class DecreaseRule(Options):
    """A fall from a baseline."""

    kpi: Text = Field(description="The metric or KPI.")
    decrease: Scalar = Field(
        description="By how much, or to what: `15%`, `200`, `2 points`, `to 9 EUR`, `from 12 to 9`.",
        examples=["10%", "to 9 EUR"],
    )


class ReachRule(Options):
    """A level by the end of the period."""

    kpi: Text = Field(description="The metric or KPI.")
    reach: Scalar = Field(description="The level: a number, or the name of a metric or KPI.", examples=["10,000"])


class KeepRule(Options):
    """A value inside bounds, all the way."""

    kpi: Text = Field(description="The metric or KPI.")
    keep: Text = Field(
        description="The bounds: `above N`, `below N`, `at least N`, `at most N`, `between N and N`; N may be the "
        "name of a metric or KPI.",
        examples=["below 12 EUR", "at most budget", "between 2% and 4%"],
    )


class ChildRule(Weighed):
    """Another goal, taken as a rule of this one."""

    goal: Text = Field(description="The id of the other goal.")


RULE_KINDS: dict[str, type[Weighed]] = {
    "rule": SentenceRule,
    "goal": ChildRule,
    "increase": IncreaseRule,
    "decrease": DecreaseRule,
    "reach": ReachRule,
    "keep": KeepRule,
}
"""A rule mapping is of the first kind here whose key it has."""


def rule_tag(value: Any) -> str | None:
    """Which kind of rule a written rule is; None for a mapping that has none of the keys."""
    if isinstance(value, dict):
        return next((key for key in RULE_KINDS if key in value), None)
    if isinstance(value, Weighed):
        return next(key for key, kind in RULE_KINDS.items() if isinstance(value, kind))
    return "sentence"


AnyRule = Annotated[
    Annotated[Text, Tag("sentence")]
    | Annotated[SentenceRule, Tag("rule")]
    | Annotated[ChildRule, Tag("goal")]
    | Annotated[IncreaseRule, Tag("increase")]
    | Annotated[DecreaseRule, Tag("decrease")]
    | Annotated[ReachRule, Tag("reach")]
    | Annotated[KeepRule, Tag("keep")],
    Discriminator(rule_tag),
]
