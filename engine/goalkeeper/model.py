"""Goal files as written: what keys there are, what each may hold, and what it means.

The JSON Schema is made from these classes, so every description here is read by authors in their editor.
Texts such as amounts, dates and sentences are taken as written; what they mean is decided in `resolve`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, create_model

from goalkeeper.limits import ENTRIES, PACKS, RULES, SOURCES, STAGES, STRETCHES
from goalkeeper.model_base import (
    DIRECTION_HELP,
    EACH_HELP,
    LABEL_HELP,
    UNIT_HELP,
    WHERE_HELP,
    Aspect,
    Kind,
    LabelText,
    MeasureLevel,
    Scalar,
    Text,
    Where,
    Written,
    whole_number,
)
from goalkeeper.model_report import REPORT_HELP, STAGES_HELP, AnyStage, SectionName
from goalkeeper.model_rules import AnyRule, Dimensions, OnMissing
from goalkeeper.model_sources import Source
from goalkeeper.problems import ADVICE, CODES

LEVEL_HELP = (
    "How close to the business it is: 1 for attention (followers, likes, impressions), 2 for what spreads it (shares, "
    "clicks, leads), 3 for outcomes (sales, revenue). Known names have theirs."
)
STAGE_HELP = (
    "Where in the way of a customer it belongs: awareness, consideration, inquiry, conversion, retention, loyalty, "
    "service, economics, or a stage of your own."
)
ASPECT_HELP = (
    "Which side of communication it tells of: `distribution` (who is reached), `interaction` (what people do), or "
    "`influence` (what it changes in how they think)."
)
ABOUT_HELP = "What it counts, and what to keep in mind with it, in a sentence or two."

IN_PLACE_HELP = (
    "A metric or KPI that counts people, such as `reach`, or a list: where its number over a period cannot be known, "
    "because people are not added up, verdicts say that this one can."
)


class Label(Written):
    """A name in several languages."""

    en: LabelText | None = Field(default=None, description="The English name.")
    fa: LabelText | None = Field(default=None, description="The Persian name.")


def _label_tag(value: Any) -> str:
    return "languages" if isinstance(value, dict | Label) else "text"


AnyLabel = Annotated[Annotated[LabelText, Tag("text")] | Annotated[Label, Tag("languages")], Discriminator(_label_tag)]


class Metric(Written):
    """A column that can be counted, and how it adds up."""

    source: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="The source it comes from; several are added up. Left out: the one source there is."
    )
    column: Text | None = Field(default=None, description="The column, when it has another name than the metric.")
    from_: Text | None = Field(
        default=None,
        alias="from",
        description="For a median, percentile or average of the time between two columns: the one it begins with.",
        examples=["received_at"],
    )
    to: Text | None = Field(
        default=None,
        description="The column that the time ends with. Rows without it have no time, and are said.",
        examples=["replied_at"],
    )
    count: Literal["rows"] | None = Field(default=None, description="`rows` counts rows instead of adding a column.")
    kind: Kind | None = Field(
        default=None,
        description="How it adds up. `flow`: sums over days and segments (clicks, spend). `stock`: the last value "
        "counts (followers). `unique`: people, never summed (reach). `average`: weighted by another metric. "
        "`running_total`: a counter that only grows (lifetime likes), its last value less the one before the window. "
        "`median` and `percentile`: of rows that are single events (response times). `rank`: a place, never summed.",
    )
    weighted_by: Text | None = Field(default=None, description="For an average: the metric that it is weighted by.")
    percentile: Annotated[float, Field(gt=0, lt=100)] | None = Field(
        default=None,
        description="For a percentile: which one. 90 is the value that nine of ten events stay at or below.",
        examples=[90, 95],
    )
    begins: Literal["unknown", "zero"] | None = Field(
        default=None,
        description="For a running total: what a segment had before its first row. `unknown`, the default: its growth "
        "is not known. `zero`: it began at 0, as a post does that is published.",
    )
    values: dict[str, Scalar] = Field(
        default={},
        description="The numbers themselves, each under its period, for those who have twelve numbers and no file.",
        examples=[{"2026-01": 5000, "2026-02": 5200}],
    )
    where: Where = Field(
        default={},
        description=f"{WHERE_HELP} A column of times may be `within 24 hours of` another one.",
        examples=[{"replied_at": "within 24 hours of received_at"}],
    )
    label: AnyLabel | None = Field(default=None, description=LABEL_HELP)
    unit: Text | None = Field(default=None, description=UNIT_HELP, examples=["EUR"])
    direction: Literal["up", "down"] | None = Field(default=None, description=DIRECTION_HELP)
    level: MeasureLevel | None = Field(default=None, description=LEVEL_HELP)
    stage: Text | None = Field(default=None, description=STAGE_HELP, examples=["awareness", "conversion"])
    aspect: Aspect | None = Field(default=None, description=ASPECT_HELP)
    about: Text | None = Field(default=None, description=ABOUT_HELP)
    in_place_of: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description=IN_PLACE_HELP, examples=["reach"]
    )
    max_age: Text | None = Field(
        default=None,
        description="For a stock, a running total or a rank: how old its last value may be at the end of a window, "
        "and for a running total before its start (7 days).",
        examples=["7d"],
    )
    bridges: dict[str, Scalar] = Field(
        default={},
        description="For days on which the metric changed its meaning: the id of the break, and the factor that turns "
        "numbers from before it into numbers from after it. 1: the change did not touch these numbers.",
        examples=[{"youtube-views-2026-08": 1.35}],
    )


class Kpi(Written):
    """A formula over metrics and other KPIs, with a unit and a direction."""

    formula: Scalar = Field(
        description="Arithmetic over metrics and KPIs: `conversions / clicks`. Ratios are ratios of sums.",
        examples=["conversions / clicks", "spend / conversions"],
    )
    label: AnyLabel | None = Field(default=None, description=LABEL_HELP)
    unit: Text | None = Field(default=None, description=UNIT_HELP, examples=["percent", "EUR"])
    direction: Literal["up", "down"] | None = Field(default=None, description=DIRECTION_HELP)
    level: MeasureLevel | None = Field(default=None, description=LEVEL_HELP)
    stage: Text | None = Field(default=None, description=STAGE_HELP, examples=["awareness", "conversion"])
    aspect: Aspect | None = Field(default=None, description=ASPECT_HELP)
    about: Text | None = Field(default=None, description=ABOUT_HELP)
    in_place_of: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description=IN_PLACE_HELP, examples=["reach"]
    )
    where: Where = Field(default={}, description=WHERE_HELP)


class Period(Written):
    """The goal's own dates."""

    start: Text = Field(description="The first day.", examples=["2026-04-01"])
    length: Text | None = Field(default=None, description="How long it runs.", examples=["3 months"])
    end: Text | None = Field(default=None, description="The last day, included.", examples=["2026-06-30"])


def _period_tag(value: Any) -> str:
    return "dates" if isinstance(value, dict | Period) else "named"


AnyPeriod = Annotated[Annotated[Scalar, Tag("named")] | Annotated[Period, Tag("dates")], Discriminator(_period_tag)]


class ExcludedDays(Written):
    """Days that do not count, and why."""

    from_: Text = Field(alias="from", description="The first day.", examples=["2026-04-10"])
    to: Text | None = Field(default=None, description="The last day, included. Left out: one day.")
    reason: Text = Field(description="Why they do not count. It is shown on the scorecard.")


class Goal(Written):
    """A business goal: why it matters, who owns it, its period, and its rules."""

    id: Text | None = Field(default=None, description="A short name for other goals and waivers to refer to.")
    name: Text | None = Field(default=None, description="The goal as people say it. Left out: its rule.")
    why: Text | None = Field(default=None, description="Why it matters.")
    owner: Text | None = Field(default=None, description="Who answers for it.", examples=["growth@example.com"])
    sign_of_success: Text | None = Field(default=None, description="What will be seen when it is reached.")
    stage: Text | None = Field(
        default=None, description="The funnel stage: awareness, consideration, conversion, retention, loyalty ..."
    )
    period: AnyPeriod | None = Field(
        default=None,
        description="The goal's dates: `2026-Q2`, `2026-04`, `2026-W14`, `2026`, or a start with a length or an end.",
        examples=["2026-Q2", {"start": "2026-04-01", "length": "3 months"}],
    )
    start: Text | None = Field(
        default=None, description="The first day, when the single rule says how long.", examples=["2026-04-01"]
    )
    declared: Text | None = Field(
        default=None,
        description="The day on which the goal was agreed. `check` says so when that was after its period began.",
        examples=["2026-03-20"],
    )
    exclude_days: list[ExcludedDays] = Field(
        default=[],
        max_length=STRETCHES,
        description="Days that do not count: they are taken out of the value, the baseline and the pace alike.",
        examples=[[{"from": "2026-04-10", "to": "2026-04-12", "reason": "tracking outage"}]],
    )
    where: Where = Field(default={}, description=WHERE_HELP)
    each: Dimensions | None = Field(default=None, description=EACH_HELP, examples=["campaign"])
    rule: AnyRule | None = Field(
        default=None,
        description="The single rule of the goal, as a sentence or a mapping.",
        examples=["increase conversions 15% in 3 months"],
    )
    rules: list[AnyRule] = Field(
        default=[], max_length=RULES, description="The rules of the goal, as sentences or mappings."
    )
    rollup: Text = Field(
        default="all",
        description="When the goal passes: `all` of its rules, `any`, `at least 2`, or `score at least 75`.",
        examples=["all", "any", "at least 2", "score at least 75"],
    )


class FiscalYear(Written):
    """When fiscal years begin, and what they are called."""

    start: Annotated[int, Field(ge=1, le=12)] = Field(
        description="The first month, as its number in the calendar.", examples=[4]
    )
    named_after: Literal["start", "end"] = Field(
        description="Whether `FY2026` is the year that starts in 2026, or the one that ends in it."
    )


class Defaults(Written):
    """What holds for every goal of the file unless it says otherwise."""

    timezone: Text = Field(
        default="UTC", description="The time zone of a day, as an IANA name.", examples=["Europe/Berlin", "Asia/Tehran"]
    )
    calendar: Literal["gregorian", "jalali"] = Field(
        default="gregorian",
        description="The calendar that months, quarters and years are counted in. A period such as `1405-Q1` tells "
        "its calendar by its year.",
    )
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = Field(
        default=None, description="The first day of a week. Left out: Monday, and Saturday in the Jalali calendar."
    )
    fiscal_year: FiscalYear | None = Field(
        default=None, description="When fiscal years begin, for periods such as `FY2026-Q1` and for `each quarter`."
    )
    on_missing: OnMissing = Field(default="inconclusive", description="What a rule comes to when a number is missing.")
    min_coverage: Scalar = Field(
        default="80%",
        description="Fewer days with data than this, and a window counts as without data.",
        examples=["80%"],
    )
    language: Literal["en", "fa"] = Field(
        default="en",
        description="The language of what people read: scorecards for the terminal, Markdown and HTML, and problems. "
        "`en` is English, `fa` Persian. What programs read stays in English.",
    )
    digits: Literal["own", "latin"] = Field(
        default="own", description="The digits there: `own` for those of the language, `latin` for 0 to 9."
    )


class Annotation(Written):
    """Days on which something special went on, such as a holiday or a sale. They count like all others."""

    from_: Text = Field(alias="from", description="The first day.", examples=["2026-03-20"])
    to: Text | None = Field(default=None, description="The last day, included. Left out: one day.")
    say: Text = Field(description="What went on.", examples=["Nowruz", "spring sale"])


AdviceLevel = Literal["off", "warn", "error"]
_ADVICE: dict[str, Any] = {
    code: (AdviceLevel, Field(default=level, description=f"For {CODES[code]}.")) for code, level in ADVICE.items()
}
Lint: Any = create_model(
    "Lint",
    __base__=Written,
    __doc__="How loud each advice of `goalkeeper check` is: `off`, `warn` or `error`.",
    **_ADVICE,
)


class Diagnosis(Written):
    """About the business: when these KPIs look like this, it usually means that."""

    id: Text = Field(description="A short name.")
    when: Text = Field(
        description="A comparison over metrics and KPIs. `usual(x)` is what x came to in the windows before.",
        examples=["er_by_views < 80% * usual(er_by_views)", "followers > 10000 and er_by_followers < 1%"],
    )
    say: Text = Field(description="What is seen, in a sentence.")
    causes: list[Text] = Field(
        default=[],
        description="What may be behind it: candidates, of which any may be true.",
        examples=[["the audience is not the one you want", "the content does not interest it"]],
    )
    check: Text | None = Field(default=None, description="What to look at to tell the causes apart.")


class Break(Written):
    """A day on which metrics of yours changed their meaning."""

    id: Text = Field(description="A short name, for bridges to refer to.", examples=["new-pixel"])
    metrics: Text | Annotated[list[Text], Field(min_length=1)] = Field(
        description="The metric that changed, or a list.", examples=["conversions"]
    )
    date: Text = Field(description="The first day that counts in the new way.", examples=["2026-05-12"])
    until: Text | None = Field(
        default=None, description="The last day, included, when days after it count as before. Left out: for good."
    )
    what: Text = Field(description="What changed. It is shown on the scorecard.")
    where: Where = Field(default={}, description=WHERE_HELP)


class Waiver(Written):
    """An exception that ends: its verdicts keep their numbers but do not count."""

    goal: Text = Field(description="The id of the goal.")
    rule: Text | None = Field(default=None, description="Only the rule with this sentence, or about this KPI.")
    where: Where = Field(default={}, description="Only these segments.")
    until: Text = Field(description="The last day it holds.", examples=["2026-05-15"])
    owner: Text = Field(description="Who answers for it.")
    reason: Text = Field(description="Why.")
    ticket: Text | None = Field(default=None, description="Where it is tracked.")


class GoalFile(Written):
    """A Goalkeeper file: sources, metrics, KPIs and goals."""

    version: Annotated[Literal[1], BeforeValidator(whole_number)] = Field(description="The version of the language: 1.")
    use: list[Text] = Field(
        default=[],
        max_length=PACKS,
        description="Packs of metrics, KPIs and diagnoses: the names of shipped ones, or paths from this file's folder. "
        "What this file says itself under the same id takes the place of a pack's.",
        examples=[["audience", "paid-media"], ["./packs/acme.yaml"]],
    )
    defaults: Defaults = Field(default=Defaults(), description="What holds for every goal unless it says otherwise.")
    gate: Text = Field(
        default="all",
        description="When the gate is open: `all` goals pass, `any`, `at least 2`, or `score at least 75`.",
        examples=["all", "any", "at least 2", "score at least 75"],
    )
    sources: dict[str, Source] = Field(
        default={}, max_length=SOURCES, description="Where rows live, each under a name."
    )
    metrics: dict[str, Metric] = Field(
        default={},
        max_length=ENTRIES,
        description="Columns that need more than their name. Other numeric columns are flows.",
    )
    kpis: dict[str, Kpi] = Field(
        default={}, max_length=ENTRIES, description="Formulas over metrics and KPIs, each under a name."
    )
    goals: list[Goal] = Field(default=[], max_length=ENTRIES, description="The business goals.")
    diagnoses: list[Diagnosis] = Field(
        default=[], max_length=ENTRIES, description="What certain patterns usually mean."
    )
    waivers: list[Waiver] = Field(default=[], max_length=ENTRIES, description="Exceptions that end.")
    annotations: list[Annotation] = Field(
        default=[],
        max_length=ENTRIES,
        description="Special days: holidays, sales, outages. They explain numbers; `exclude_days` takes days out.",
        examples=[[{"from": "2026-03-20", "to": "2026-04-02", "say": "Nowruz"}]],
    )
    lint: Lint = Field(
        default=Lint(), description="How loud each advice of `goalkeeper check` is.", examples=[{"GK501": "off"}]
    )
    breaks: list[Break] = Field(
        default=[], max_length=ENTRIES, description="Days on which metrics of yours changed their meaning."
    )
    report: list[SectionName] = Field(default=[], description=REPORT_HELP, examples=[["questions", "worksheet"]])
    stages: Annotated[list[AnyStage], Field(min_length=1, max_length=STAGES)] | None = Field(
        default=None,
        description=STAGES_HELP,
        examples=[["awareness", {"stage": "consideration", "volume": "clicks"}, "conversion"]],
    )
