"""Scorecards that reports are held to: what they are built of, and one rich enough for every report.

A report is shown to say everything by what it makes of `RICH`: every outcome and state, several windows and segments,
what is waived, goals of goals, diagnoses, sections, data that was left out, and names that nobody should trust.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing, Why
from goalkeeper.moves import Driver, Drivers, SegmentDriver, SegmentDrivers
from goalkeeper.problems import Problem, Severity, Span
from goalkeeper.scorecard import (
    Channel,
    Channels,
    DiagnosisNote,
    Evidence,
    Group,
    Groups,
    Input,
    LeftOut,
    ReadNote,
    Said,
    Scorecard,
)
from goalkeeper.verdict import (
    OUTCOME_OF,
    SEVERITY,
    Bounds,
    Breakdown,
    Coverage,
    ExcludedNote,
    GoalResult,
    Likely,
    Outcome,
    Proof,
    RuleResult,
    State,
    Streak,
    Verdict,
    WaiverNote,
)

APRIL = Window(date(2026, 4, 1), date(2026, 6, 29))
BEFORE = Window(date(2026, 1, 1), date(2026, 3, 31))
HOSTILE = "\x1b[31mred\x1b[0m [/bold] :smile: \u202egnp.exe <!-- </script> a\nb\x07 ::error::"


def verdict(rule: str, state: State, **more: Any) -> Verdict:
    plain: dict[str, Any] = {
        "kind": "change",
        "kpi": "conversions",
        "segment": {},
        "outcome": OUTCOME_OF[state],
        "window": APRIL,
        "elapsed": 30,
        "location": Span("goals.yaml", 5, 5),
    }
    return Verdict(rule=rule, state=state, **plain | more)


def rule(*verdicts: Verdict, **more: Any) -> RuleResult:
    first = verdicts[0]
    outcome = max((v.outcome for v in verdicts), key=SEVERITY.index)
    plain: dict[str, Any] = {"progress": first.progress, "weight": 1.0, "key": False}
    return RuleResult(first.rule, first.kind, first.kpi, outcome, verdicts=verdicts, **plain | more)


def goal(name: str, outcome: Outcome, *rules: RuleResult, **more: Any) -> GoalResult:
    plain: dict[str, Any] = {"id": name.lower().replace(" ", "-"), "score": 50.0, "weight_covered": 1.0}
    return GoalResult(name=name, outcome=outcome, rules=rules, **plain | more)


def card(outcome: Outcome, code: int, *goals: GoalResult, **more: Any) -> Scorecard:
    return Scorecard(date(2026, 5, 1), outcome, code, 61.25 if goals else None, "all", goals, **more)


NUMBERS: dict[str, Any] = {"value": 280.0, "target": 920.0, "baseline": 800.0, "from_zero": True}
SEGMENTS = [
    verdict(
        "keep cpa below 12 EUR in each campaign",
        State.BREACHED if n % 9 == 0 else State.HOLDING,
        kind="keep",
        segment={"campaign": f"campaign-{n:02}"},
        value=12.5 if n % 9 == 0 else 9.0 + n / 100,
        target=12.0,
        progress=0.0 if n % 9 == 0 else 1.0,
        unit="EUR",
        reasons=("12.50 EUR is not below 12 EUR",) if n % 9 == 0 else (),
    )
    for n in range(60)
]
GONE = Missing(Why.NO_DATA, "'ads' has rows for only 12 of 30 days from 2026-04-01 to 2026-04-30")

UNSAFE = (
    "=cmd|' /C calc'!A0 | `code` *bold* @everyone #12 [link](javascript:alert(1)) </details><img src=x onerror=alert(1)>"
    ' "quoted", and more\r\n::error file=x::\x1b[2K\u202egnp.exe ]]> &amp; https://example.com $1$'
)
"""A name that means something to a spreadsheet, a page, a code host, a build log, a terminal and a parser."""
PERSIAN_FILE = "goals/فروش 50%.yaml"

_WEEKS = [Window(date(2026, 4, 6 + 7 * n), date(2026, 4, 12 + 7 * n)) for n in range(3)]
_CPA = "keep cpa below 12 EUR each week"
_WAIVER = WaiverNote("ana@example.com", "pixel outage | @everyone", date(2026, 5, 15), "MKT-88")
_BY_CAMPAIGN: list[tuple[str, State, float | Missing | None, dict[str, Any]]] = [
    ("launch", State.BREACHED, 14.25, {"progress": 0.0, "reasons": ("14.25 EUR is not below 12 EUR",)}),
    ('spring, "new"', State.WARN_BAND, 11.5, {"progress": 1.0, "reasons": ("11.50 EUR is above 11 EUR",)}),
    ("نوروز ۱۴۰۵", State.HOLDING, 7.125, {"progress": 1.0}),
    ("", State.NO_DATA, GONE, {"reasons": (GONE.detail,)}),
    ("brand new", State.NEW, 9.0, {"reasons": ("no row before 2026-04-20",)}),
    ("tiny", State.TOO_FEW, 3.0, {"reasons": ("4 conversions are fewer than the 10 of min_sample",)}),
    (UNSAFE, State.BREACHED, 40.0, {"progress": 0.0, "outcome": Outcome.WAIVED, "waiver": _WAIVER}),
]
_DRIVERS = Drivers(
    800.0,
    280.0,
    "so far, against an even share of the baseline",
    (Driver("visits", 10000.0, 9000.0, -80.0), Driver("conversion_rate", 0.08, 0.0311, -440.0, "percent")),
    (
        SegmentDrivers(
            "campaign", (SegmentDriver("launch", 500.0, 80.0, -420.0), SegmentDriver(UNSAFE, 300.0, 200.0, -100.0))
        ),
    ),
)
_GROW = goal(
    "Grow conversions",
    Outcome.FAIL,
    rule(
        verdict(
            "increase conversions by 15%",
            State.OFF_TRACK,
            **NUMBERS,
            expected=306.666666666667,
            index=0.913043478261,
            progress=0.333333333333,
            projection=840.0,
            needed_per_day=10.6666666667,
            needed_uplift=0.142857142857,
            so_far=266.666666666667,
            coverage=Coverage(29, 30),
            baseline_window=BEFORE,
            reasons=(
                "280 after 30 of 90 days; 306.67 expected by now",
                "at this pace 840 at the end, 91.3% of the target",
            ),
            likely=Likely(0.031, 790.0, 902.0, 0.9, 1.4),
            drivers=_DRIVERS,
            unit="conversions",
        ),
        key=True,
    ),
    rule(
        *(
            verdict(
                _CPA,
                state,
                kind="keep",
                kpi="cpa",
                value=value,
                target=Bounds(2.0, 12.0),
                progress=progress,
                window=window,
                window_name=name,
                elapsed=7,
                unit="EUR",
                reasons=reasons,
                location=Span("goals.yaml", 24, 9),
            )
            for state, value, progress, window, name, reasons in (
                (State.HOLDING, 9.5, 1.0, _WEEKS[0], "2026-W15", ()),
                (State.BREACHED, 12.04, 0.0, _WEEKS[1], "2026-W16", ("12.04 EUR is not between 2 and 12 EUR",)),
                (State.AT_RISK, 11.99, 1.0, _WEEKS[2], "2026-W17", ("11.99 EUR is near the bound",)),
            )
        ),
        streak=Streak(False, 1),
        weight=2.0,
    ),
    child=True,
    key_failed=True,
    why="Paid social must pay for itself by Q4",
    owner="growth@example.com",
    sign_of_success="More paying customers",
    stage="conversion",
    declared=date(2026, 3, 20),
    excluded=(ExcludedNote(date(2026, 4, 10), date(2026, 4, 12), "tracking outage"),),
    score=33.3333333333,
    location=Span("goals.yaml", 18, 5),
)
_COMPANY = goal(
    "The company",
    Outcome.FAIL,
    rule(
        verdict(
            f"goal: {_GROW.id}",
            State.OFF_TRACK,
            kind="child",
            kpi=None,
            window=None,
            elapsed=0,
            progress=0.333333333333,
            location=Span("goals.yaml", 30, 9),
        ),
        key=True,
    ),
    rule(
        verdict("reach 900 clicks", State.MISSED, kind="reach", kpi="clicks", value=880.0, target=900.0, progress=0.978)
    ),
    rule(
        verdict(
            "reach 900 clicks",
            State.MET,
            kind="reach",
            kpi="clicks",
            value=905.0,
            target=900.0,
            progress=1.006,
            location=Span("goals.yaml", 33, 9),
        )
    ),
    key_failed=True,
    location=Span("goals.yaml", 28, 5),
)
_COSTS = goal(
    "Costs by campaign",
    Outcome.FAIL,
    rule(
        *(
            verdict(
                "keep cpa below 12 EUR in each campaign",
                state,
                **{"outcome": OUTCOME_OF[state], "progress": None}
                | {"kind": "keep", "kpi": "cpa", "value": value, "target": 12.0, "unit": "EUR"}
                | {"segment": {"campaign": campaign}, "location": Span("goals.yaml", 41, 9)}
                | more,
            )
            for campaign, state, value, more in _BY_CAMPAIGN
        ),
        idle=({"campaign": "old"}, {"campaign": "older"}),
    ),
    location=Span("goals.yaml", 38, 5),
)
_UNKNOWN = goal(
    "What could not be judged",
    Outcome.INCONCLUSIVE,
    rule(
        verdict(
            "increase followers by 10%",
            State.STALE,
            kpi="followers",
            value=Missing(Why.STALE, "too old"),
            baseline=12000.0,
            target=13200.0,
            reasons=("'followers' of instagram was last seen on 2026-04-22",),
        )
    ),
    rule(
        verdict(
            "keep cpa below 12",
            State.UNDEFINED,
            kind="keep",
            kpi="cpa",
            value=Missing(Why.UNDEFINED, "spend / conversions is 0 / 0"),
            target=12.0,
            reasons=("spend / conversions is 0 / 0",),
        )
    ),
    rule(
        verdict(
            "keep reach at least 1",
            State.NOT_COMPARABLE,
            kind="keep",
            kpi="reach",
            value=Missing(Why.NOT_COMPARABLE, "people do not add up"),
            target=1.0,
            reasons=("'reach' counts people, who cannot be added up: it lies between 500 and 1,350",),
        )
    ),
    rule(
        verdict(
            "increase conversion rate by 5%",
            State.NOT_PROVEN,
            kpi="conversion_rate",
            value=0.0331,
            target=0.0315,
            baseline=0.03,
            progress=2.07,
            elapsed=90,
            unit="percent",
            proof=Proof(0.95, -0.04, 0.24, True, "katz", None, "not proven", "not proven", 3),
            reasons=("the lift of 10.3% lies between -4.0% and 24.0%: it is not proven",),
        )
    ),
    score=None,
    weight_covered=0.0,
    location=Span(PERSIAN_FILE, 3, 5),
)
_LATER = goal(
    "Later",
    Outcome.PENDING,
    rule(
        verdict(
            "reach 300 sales",
            State.NOT_STARTED,
            kind="reach",
            kpi="sales",
            elapsed=0,
            reasons=("starts on 2026-06-01",),
        )
    ),
    rule(
        verdict(
            "increase sales by 5%",
            State.TOO_EARLY,
            kpi="sales",
            value=1.0,
            target=105.0,
            baseline=100.0,
            elapsed=2,
            reasons=("2 of 90 days are under 10% of the period",),
        )
    ),
    score=None,
    weight_covered=0.0,
)
_GOOD = goal(
    "رشد نرخ تبدیل در سه ماه",
    Outcome.PASS,
    rule(
        verdict(
            "increase نرخ تبدیل by 10%",
            State.ON_TRACK,
            value=0.0345,
            target=0.033,
            baseline=0.03,
            expected=0.031,
            index=1.045,
            progress=1.5,
            projection=0.0345,
            unit="percent",
            breakdown=(
                Breakdown({"پلتفرم": "اینستاگرام"}, 0.04, 0.031),
                Breakdown({"پلتفرم": UNSAFE}, GONE, None),
            ),
            location=Span(PERSIAN_FILE, 12, 9),
        )
    ),
    id="growth-of-the-rate",
    score=100.0,
    owner="رشد@example.com",
    location=Span(PERSIAN_FILE, 9, 5),
)
_EITHER = goal(
    "Either way",
    Outcome.PASS,
    rule(
        verdict("reach 500 orders", State.MISSED, kind="reach", kpi="orders", value=420.0, target=500.0, progress=0.84)
    ),
    rule(verdict("reach 100 leads", State.MET, kind="reach", kpi="leads", value=130.0, target=100.0, progress=1.3)),
    rollup="any",
)
_WARNED = goal(
    "Nearly there",
    Outcome.WARN,
    rule(
        verdict(
            "decrease bounce rate by 2 points",
            State.AT_RISK,
            kpi="bounce_rate",
            value=0.41,
            target=0.4,
            baseline=0.42,
            progress=0.5,
            index=0.976,
            unit="percent",
            reasons=("-1 points of -2 points",),
        )
    ),
)
_WAIVED = goal(
    "Waived",
    Outcome.WAIVED,
    rule(
        verdict(
            "reach 40 demos",
            State.MISSED,
            kind="reach",
            kpi="demos",
            outcome=Outcome.WAIVED,
            value=-3.0,
            target=40.0,
            progress=0.0,
            reasons=("-3 of 40",),
            waiver=_WAIVER,
            location=Span("goals.yaml", 66, 9),
        )
    ),
    score=None,
)
_UNTRUSTED = goal(
    UNSAFE,
    Outcome.FAIL,
    rule(
        verdict(
            UNSAFE,
            State.MISSED,
            **NUMBERS,
            segment={"campaign": UNSAFE, "x": ""},
            reasons=(UNSAFE, "- and a list", "# and a heading"),
            location=Span("goals.yaml", 70, 9),
        )
    ),
    id="untrusted",
    owner="@everyone",
    why=UNSAFE,
    sign_of_success=UNSAFE,
    rollup="score at least 75",
    score=30.4347826087,
)

RICH = card(
    Outcome.FAIL,
    1,
    _COMPANY,
    _GROW,
    _COSTS,
    _UNKNOWN,
    _LATER,
    _GOOD,
    _EITHER,
    _WARNED,
    _WAIVED,
    _UNTRUSTED,
    sections=(
        Groups(
            "questions",
            (
                Group("reach", None, ()),
                Group("convert", Outcome.FAIL, (Said(_GROW.id, _GROW.name, _GROW.rules[0], "conversion"),)),
                Group(None, Outcome.FAIL, (Said(_UNTRUSTED.id, UNSAFE, _UNTRUSTED.rules[0]),)),
            ),
        ),
        Channels(
            "platform",
            "(margin - spend) / spend",
            "percent",
            APRIL,
            (
                Channel("اینستاگرام", 2.345, (("margin", 12000.0, "EUR"), ("spend", 3587.44, "EUR"))),
                Channel(UNSAFE, -0.5, (("margin", GONE, None),)),
            ),
            ("the time of people is not counted", UNSAFE),
        ),
    ),
    diagnoses=(
        DiagnosisNote(
            "wrong-audience",
            _GROW.id,
            {},
            True,
            "Many followers, little engagement.",
            "Compare non-follower reach per content type.",
            ("the audience is the wrong one", UNSAFE),
            (
                Evidence("followers", 20000.0, window=APRIL),
                Evidence("followers", 18000.0, ("usual",), window=BEFORE),
                Evidence("rate", 0.008, unit="percent", window=APRIL),
            ),
            when="followers > usual(followers) and rate < 1%",
        ),
        DiagnosisNote("dear", _COSTS.id, {"campaign": UNSAFE}, True, UNSAFE, UNSAFE),
        DiagnosisNote("unread", _UNKNOWN.id, {}, None, "Costs rise.", None, reason=GONE.detail),
    ),
    dropped=(
        LeftOut("ads", "data/ads.csv", 5, "totals of the other rows, by their label", (34, 35, 36, 37, 38)),
        LeftOut("ads", UNSAFE, 1, UNSAFE, (3,)),
    ),
    notes=(ReadNote("ads", "data/ads.csv", "5 rows end before their last columns, which are blank there"),),
    inputs=(Input("ads", "data/ads.csv", "0" * 64, 1234),),
    problems=(
        Problem(
            "GK214",
            "'increase' by a percentage of a percentage",
            Span("goals.yaml", 41, 9, 4, "  - increase rate by 5%"),
            "write points",
            Severity.WARNING,
        ),
    ),
)
"""Every outcome and state, and every part that a report can have."""
