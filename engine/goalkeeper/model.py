"""Goal files as written: what keys there are, what each may hold, and what it means.

The JSON Schema is made from these classes, so every description here is read by authors in their editor.
Texts such as amounts, dates and sentences are taken as written; what they mean is decided in `resolve`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

Text = Annotated[str, Field(min_length=1)]
Scalar = Annotated[str | int | float, WithJsonSchema({"type": ["string", "number"]})]
Value = Annotated[str | int | float | bool, WithJsonSchema({"type": ["string", "number", "boolean"]})]


def _truth(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def _version(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true is not a version")  # noqa: TRY004  pydantic reports a ValueError
    return value


Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"enum": [True, False, "yes", "no"]})]


class Written(BaseModel):
    """A mapping of a goal file: closed, and never changed after it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_left_empty(cls, data: Any) -> Any:
        """A key without a value is a slip: whoever means the default leaves the key out."""
        if isinstance(data, dict) and None in data.values():
            raise ValueError("a key has no value")
        return data


class Not(Written):
    """Everything but these values."""

    not_: Value | list[Value] = Field(alias="not", description="The value, pattern or list that is left out.")


def _condition_tag(value: Any) -> str:
    if isinstance(value, dict | Not):
        return "not"
    return "list" if isinstance(value, list) else "value"


Condition = Annotated[
    Annotated[Value, Tag("value")] | Annotated[list[Value], Tag("list")] | Annotated[Not, Tag("not")],
    Discriminator(_condition_tag),
]
Where = dict[str, Condition]

WHERE_HELP = (
    "Only these rows: each dimension with a value, a pattern (`launch-*`), a list of them, or `{not: ...}`. "
    "Several dimensions must all fit."
)
LABEL_HELP = "What people call it; rules may use this name too. One text, or one for each language."
UNIT_HELP = "What it is counted in: `percent`, `count`, or a currency such as `EUR`. Percent values are fractions."
DIRECTION_HELP = "Which way is better: `up` or `down`. `improve` in a rule moves this way."
EACH_HELP = (
    "One verdict for each calendar window (`day`, `week`, `month`, `quarter`, `year`) or for each value of a "
    "dimension; the total is then not judged."
)


class Label(Written):
    """A name in several languages."""

    en: Text | None = Field(None, description="The English name.")
    fa: Text | None = Field(None, description="The Persian name.")


def _label_tag(value: Any) -> str:
    return "languages" if isinstance(value, dict | Label) else "text"


AnyLabel = Annotated[Annotated[Text, Tag("text")] | Annotated[Label, Tag("languages")], Discriminator(_label_tag)]


class TimeColumn(Written):
    """The column that holds the day, and how days are written in it."""

    column: Text = Field(description="The header of the column.", examples=["date"])
    format: Text | None = Field(
        None,
        description="How a day is written, in strptime letters: `%d/%m/%Y` is day, month, year.",
        examples=["%d/%m/%Y", "%Y-%m-%d"],
    )


def _time_tag(value: Any) -> str:
    return "column" if isinstance(value, dict | TimeColumn) else "text"


class LongLayout(Written):
    """For tables with one number a row: which column names the metric, and which holds its value."""

    metric: Text = Field(description="The header of the column that names the metric.", examples=["metric"])
    value: Text = Field(description="The header of the column that holds the number.", examples=["value"])


Grain = Literal["day", "week", "month", "quarter"]


class Source(Written):
    """Where rows live: a file, several files, or a folder."""

    path: Text | Annotated[list[Text], Field(min_length=1)] = Field(
        description="A file, a pattern such as `data/*.csv`, a folder, or a list of them, from this file's folder. "
        "CSV, TSV, JSON, JSONL or Parquet.",
        examples=["data/ads.csv", "data/ads-*.csv"],
    )
    time: Annotated[
        Annotated[Text, Tag("text")] | Annotated[TimeColumn, Tag("column")], Discriminator(_time_tag)
    ] = Field(
        description="The column that holds the day of a row. Days like 03/04/2026 need `{column, format}`.",
        examples=["date", {"column": "Day", "format": "%d/%m/%Y"}],
    )
    columns: dict[str, Text] = Field(
        default={},
        description="Our names for columns, each with the header in the file.",
        examples=[{"conversions": "Total results"}],
    )
    dimensions: list[Text] | None = Field(
        None,
        description="The columns that tell segments apart, such as platform and campaign. Left out: every text column.",
        examples=[["platform", "campaign"]],
    )
    long: LongLayout | None = Field(None, description="For tables with one number a row.")
    grain: Grain = Field("day", description="What one row stands for: a day, a week, a month or a quarter.")
    lag: Text | None = Field(
        None, description="How long the newest days are still filling up; they are not looked at.", examples=["2d"]
    )
    max_age: Text | None = Field(
        None, description="How old the newest row may be at the time of judging.", examples=["3d"]
    )


Kind = Literal["flow", "stock", "unique", "average"]


class Metric(Written):
    """A column that can be counted, and how it adds up."""

    source: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        None, description="The source it comes from; several are added up. Left out: the one source there is."
    )
    column: Text | None = Field(None, description="The column, when it has another name than the metric.")
    count: Literal["rows"] | None = Field(None, description="`rows` counts rows instead of adding a column.")
    kind: Kind | None = Field(
        None,
        description="How it adds up. `flow`: sums over days and segments (clicks, spend). `stock`: the last value "
        "counts (followers). `unique`: people, never summed (reach). `average`: weighted by another metric.",
    )
    weighted_by: Text | None = Field(None, description="For an average: the metric that it is weighted by.")
    where: Where = Field(default={}, description=WHERE_HELP)
    label: AnyLabel | None = Field(None, description=LABEL_HELP)
    unit: Text | None = Field(None, description=UNIT_HELP, examples=["EUR"])
    direction: Literal["up", "down"] | None = Field(None, description=DIRECTION_HELP)
    max_age: Text | None = Field(
        None, description="For a stock: how old its last value may be at the end of a window (7 days).", examples=["7d"]
    )


class Kpi(Written):
    """A formula over metrics and other KPIs, with a unit and a direction."""

    formula: Scalar = Field(
        description="Arithmetic over metrics and KPIs: `conversions / clicks`. Ratios are ratios of sums.",
        examples=["conversions / clicks", "spend / conversions"],
    )
    label: AnyLabel | None = Field(None, description=LABEL_HELP)
    unit: Text | None = Field(None, description=UNIT_HELP, examples=["percent", "EUR"])
    direction: Literal["up", "down"] | None = Field(None, description=DIRECTION_HELP)
    where: Where = Field(default={}, description=WHERE_HELP)


class Pace(Written):
    """How much of the way should be done by when."""

    shape: Literal["linear"] = Field("linear", description="`linear`: every day counts the same.")
    at_risk: Annotated[float, Field(gt=0, le=1)] = Field(
        0.9, description="At risk from this share of the target; off track below it."
    )


def _pace_tag(value: Any) -> str:
    return "settings" if isinstance(value, dict | Pace) else "shape"


AnyPace = Annotated[
    Annotated[Literal["linear"], Tag("shape")] | Annotated[Pace, Tag("settings")], Discriminator(_pace_tag)
]
OnMissing = Literal["inconclusive", "fail", "warn"]
Dimensions = Text | Annotated[list[Text], Field(min_length=1)]


class Weighed(Written):
    """What every rule may say about its place in the goal."""

    weight: Annotated[float, Field(ge=0)] = Field(1.0, description="How much the rule counts in the goal's score.")
    key: Truth = Field(
        default=False,
        description="A key rule must hold: when it fails, its goal and the gate fail. Beside key rules the others "
        "can only warn.",
    )


class Options(Weighed):
    """What a rule about a KPI may say besides its sentence."""

    versus: Scalar | None = Field(
        None,
        description="What a change is measured from: `previous period` (the default), `same period last year`, a "
        "named period such as `2026-Q1`, or `2026-01-01 to 2026-03-31`.",
        examples=["same period last year", "2026-Q1"],
    )
    over: Text | None = Field(None, description="Judge only the last days of the period.", examples=["28 days"])
    each: Dimensions | None = Field(None, description=EACH_HELP, examples=["week", ["week", "campaign"]])
    in_: Scalar | None = Field(
        None,
        alias="in",
        description="How long the goal runs from its `start`, or a named period.",
        examples=["3 months", "2026-Q2"],
    )
    by: Text | None = Field(None, description="The last day of the period.", examples=["2026-06-30"])
    where: Where = Field(default={}, description=WHERE_HELP)
    warn: Text | None = Field(
        None, description="Warn while the value lies here, although the rule holds.", examples=["at least 11 EUR"]
    )
    min_sample: dict[str, Scalar] = Field(
        default={},
        description="Do not judge before these metrics have come this far.",
        examples=[{"conversions": 10}],
    )
    pace: AnyPace | None = Field(None, description="How much of the way should be done by when. Linear by default.")
    on_missing: OnMissing | None = Field(
        None, description="What a rule comes to when a number is missing. `inconclusive` by default."
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


class Period(Written):
    """The goal's own dates."""

    start: Text = Field(description="The first day.", examples=["2026-04-01"])
    length: Text | None = Field(None, description="How long it runs.", examples=["3 months"])
    end: Text | None = Field(None, description="The last day, included.", examples=["2026-06-30"])


def _period_tag(value: Any) -> str:
    return "dates" if isinstance(value, dict | Period) else "named"


AnyPeriod = Annotated[Annotated[Scalar, Tag("named")] | Annotated[Period, Tag("dates")], Discriminator(_period_tag)]


class Goal(Written):
    """A business goal: why it matters, who owns it, its period, and its rules."""

    id: Text | None = Field(None, description="A short name for other goals and waivers to refer to.")
    name: Text | None = Field(None, description="The goal as people say it. Left out: its rule.")
    why: Text | None = Field(None, description="Why it matters.")
    owner: Text | None = Field(None, description="Who answers for it.", examples=["growth@example.com"])
    sign_of_success: Text | None = Field(None, description="What will be seen when it is reached.")
    stage: Text | None = Field(
        None, description="The funnel stage: awareness, consideration, conversion, retention, loyalty ..."
    )
    period: AnyPeriod | None = Field(
        None,
        description="The goal's dates: `2026-Q2`, `2026-04`, `2026-W14`, `2026`, or a start with a length or an end.",
        examples=["2026-Q2", {"start": "2026-04-01", "length": "3 months"}],
    )
    start: Text | None = Field(
        None, description="The first day, when the single rule says how long.", examples=["2026-04-01"]
    )
    where: Where = Field(default={}, description=WHERE_HELP)
    each: Dimensions | None = Field(None, description=EACH_HELP, examples=["campaign"])
    rule: AnyRule | None = Field(
        None,
        description="The single rule of the goal, as a sentence or a mapping.",
        examples=["increase conversions 15% in 3 months"],
    )
    rules: list[AnyRule] = Field(default=[], description="The rules of the goal, as sentences or mappings.")
    rollup: Text = Field(
        "all",
        description="When the goal passes: `all` of its rules, `any`, `at least 2`, or `score at least 75`.",
        examples=["all", "any", "at least 2", "score at least 75"],
    )


class Defaults(Written):
    """What holds for every goal of the file unless it says otherwise."""

    timezone: Text = Field(
        "UTC", description="The time zone of a day, as an IANA name.", examples=["Europe/Berlin", "Asia/Tehran"]
    )
    calendar: Literal["gregorian"] = Field("gregorian", description="The calendar of periods.")
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        "monday", description="The first day of a week."
    )
    on_missing: OnMissing = Field("inconclusive", description="What a rule comes to when a number is missing.")
    min_coverage: Scalar = Field(
        "80%", description="Fewer days with data than this, and a window counts as without data.", examples=["80%"]
    )


class Diagnosis(Written):
    """About the business: when these KPIs look like this, it usually means that."""

    id: Text = Field(description="A short name.")
    when: Text = Field(
        description="A comparison over metrics and KPIs.", examples=["followers > 10000 and engagement_rate < 1%"]
    )
    say: Text = Field(description="What it usually means.")
    check: Text | None = Field(None, description="What to look at to tell the causes apart.")


class Waiver(Written):
    """An exception that ends: its verdicts keep their numbers but do not count."""

    goal: Text = Field(description="The id of the goal.")
    rule: Text | None = Field(None, description="Only the rule with this sentence, or about this KPI.")
    where: Where = Field(default={}, description="Only these segments.")
    until: Text = Field(description="The last day it holds.", examples=["2026-05-15"])
    owner: Text = Field(description="Who answers for it.")
    reason: Text = Field(description="Why.")
    ticket: Text | None = Field(None, description="Where it is tracked.")


class GoalFile(Written):
    """A Goalkeeper file: sources, metrics, KPIs and goals."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(description="The version of the language: 1.")
    defaults: Defaults = Field(default=Defaults(), description="What holds for every goal unless it says otherwise.")
    gate: Text = Field(
        "all",
        description="When the gate is open: `all` goals pass, `any`, `at least 2`, or `score at least 75`.",
        examples=["all", "any", "at least 2", "score at least 75"],
    )
    sources: dict[str, Source] = Field(default={}, description="Where rows live, each under a name.")
    metrics: dict[str, Metric] = Field(
        default={}, description="Columns that need more than their name. Other numeric columns are flows."
    )
    kpis: dict[str, Kpi] = Field(default={}, description="Formulas over metrics and KPIs, each under a name.")
    goals: list[Goal] = Field(default=[], description="The business goals.")
    diagnoses: list[Diagnosis] = Field(default=[], description="What certain patterns usually mean.")
    waivers: list[Waiver] = Field(default=[], description="Exceptions that end.")
