"""What people see: scorecards on paper, held to files, and laws that every page keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

import goalkeeper
from goalkeeper import documents, figures, quantity
from goalkeeper.columns import Missing, Why
from goalkeeper.moves import Driver, Drivers, SegmentDriver, SegmentDrivers
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.reporters import explanation, layout, problems, terminal
from goalkeeper.reporters import json as json_reporter
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import (
    Channel,
    Channels,
    DiagnosisNote,
    Evidence,
    Group,
    Groups,
    LeftOut,
    PlannedLine,
    ReadNote,
    Said,
    Scorecard,
    Volume,
    Worksheet,
)
from goalkeeper.verdict import Coverage, Outcome, State
from scorecards import APRIL, BEFORE, GONE, HOSTILE, NUMBERS, RICH, SEGMENTS, card, goal, rule, verdict
from test_runs import SCORECARD, cases, goal_file, write_data

EXAMPLES = Path(__file__).parent.parent / "examples"
REPORTS = Path(__file__).parent / "cases" / "reports"
STORIES: dict[str, Scorecard] = {
    "rich": RICH,
    "best": card(
        Outcome.PASS,
        0,
        goal(
            "Grow conversions",
            Outcome.PASS,
            rule(
                verdict(
                    "increase conversions by 15%",
                    State.ON_TRACK,
                    **NUMBERS | {"value": 320.0},
                    expected=306.67,
                    index=1.043,
                    progress=1.33,
                    projection=960.0,
                    needed_per_day=10.0,
                    coverage=Coverage(30, 30),
                    reasons=("320 after 30 of 90 days; 306.67 expected by now",),
                )
            ),
            why="Paid social must pay for itself",
            owner="growth@example.com",
            score=100.0,
        ),
        goal(
            "Keep costs down",
            Outcome.PASS,
            rule(verdict("keep cpa below 12 EUR", State.HOLDING, kind="keep", value=9.25, target=12.0, unit="EUR")),
            score=100.0,
        ),
    ),
    "worst": card(
        Outcome.FAIL,
        1,
        goal(
            "Grow conversions from paid social without paying more for each of them than last year",
            Outcome.FAIL,
            rule(
                verdict(
                    "increase conversions by 15% versus same period last year",
                    State.OFF_TRACK,
                    **NUMBERS,
                    expected=306.67,
                    index=0.913,
                    progress=0.333,
                    projection=840.0,
                    needed_per_day=10.67,
                    reasons=(
                        "280 after 30 of 90 days; 306.67 expected by now",
                        "at this pace 840 at the end, 91.3% of the target",
                    ),
                ),
                key=True,
            ),
            rule(*SEGMENTS, idle=({"campaign": "old"}, {"campaign": "older"})),
            key_failed=True,
            why="Paid social must pay for itself by the end of the year, or the budget moves to search",
        ),
        goal(
            "Reach",
            Outcome.INCONCLUSIVE,
            rule(
                verdict(
                    "reach 300 conversions",
                    State.NO_DATA,
                    kind="reach",
                    value=GONE,
                    target=300.0,
                    reasons=(GONE.detail,),
                )
            ),
            score=None,
            weight_covered=0.0,
        ),
        diagnoses=(
            DiagnosisNote(
                "a",
                "reach",
                {},
                True,
                "Many followers, little engagement.",
                "Compare content.",
                ("the audience is the wrong one", "the content does not interest it"),
                (
                    Evidence("followers", 20000.0, window=APRIL),
                    Evidence("followers", 18000.0, ("usual",), window=BEFORE),
                    Evidence("rate", GONE, unit="percent", window=APRIL),
                    Evidence("rate", 0.024, ("previous",), "percent", BEFORE),
                ),
                when="followers > usual(followers) or rate < previous(rate)",
            ),
            DiagnosisNote(
                "quiet",
                "reach",
                {},
                True,
                "Nothing was posted for a while.",
                None,
                evidence=(
                    Evidence("longest_gap(posts)", 16.0, (), "days", APRIL, "2026-05-03 to 2026-05-18"),
                    Evidence("longest_gap(posts)", 4.0, ("usual",), "days", BEFORE),
                    Evidence("spend", 3.0, ("previous", "total"), "EUR", BEFORE),
                ),
            ),
            *(
                DiagnosisNote(
                    "dear",
                    "reach",
                    {"campaign": campaign},
                    True,
                    "Costs rise.",
                    "Look at the bids.",
                    evidence=(Evidence("cpa", cost, (), "EUR", APRIL),),
                )
                for campaign, cost in (("brand", 12.5), ("launch", 14.0), ("", 9.0), ("spring", 30.0))
            ),
            DiagnosisNote("b", "reach", {"campaign": "x"}, None, "Costs rise.", None),
            DiagnosisNote("c", "reach", {"campaign": "x"}, None, "Costs rise.", None, reason=GONE.detail),
            DiagnosisNote("d", "reach", {"campaign": "y"}, None, "Costs rise.", None, reason=GONE.detail),
        ),
    ),
    "missing": card(
        Outcome.INCONCLUSIVE,
        4,
        goal(
            "Followers",
            Outcome.INCONCLUSIVE,
            rule(
                verdict(
                    "increase followers by 10%",
                    State.STALE,
                    value=Missing(Why.STALE, "too old"),
                    reasons=("'followers' of instagram was last seen on 2026-04-22",),
                )
            ),
            rule(
                verdict(
                    "keep cpa below 12",
                    State.UNDEFINED,
                    kind="keep",
                    value=Missing(Why.UNDEFINED, "x"),
                    target=12.0,
                    reasons=("spend / conversions is 0 / 0",),
                )
            ),
            rule(
                verdict(
                    "keep reach at least 1",
                    State.NOT_COMPARABLE,
                    kind="keep",
                    value=GONE,
                    target=1.0,
                    reasons=("'reach' counts people, who cannot be added up: it lies between 500 and 1,350",),
                )
            ),
            score=None,
            weight_covered=0.0,
        ),
        goal(
            "Later",
            Outcome.PENDING,
            rule(
                verdict(
                    "reach 300 sales", State.NOT_STARTED, kind="reach", elapsed=0, reasons=("starts on 2026-04-01",)
                )
            ),
            score=None,
        ),
    ),
    "persian": card(
        Outcome.WARN,
        0,
        goal(
            "رشد نرخ تبدیل در سه ماه",
            Outcome.WARN,
            rule(
                verdict(
                    "increase نرخ تبدیل by 10%",
                    State.AT_RISK,
                    value=0.031,
                    target=0.033,
                    baseline=0.03,
                    progress=0.5,
                    index=0.94,
                    unit="percent",
                ),
                verdict(
                    "increase نرخ تبدیل by 10%",
                    State.HOLDING,
                    value=0.04,
                    target=0.033,
                    segment={"کمپین": "نوروز"},
                    unit="percent",
                ),
            ),
            owner="رشد@example.com",
        ),
    ),
    "hostile": card(
        Outcome.FAIL,
        1,
        goal(
            HOSTILE,
            Outcome.FAIL,
            rule(verdict(HOSTILE, State.MISSED, **NUMBERS, segment={"campaign": HOSTILE, "x": ""}, reasons=(HOSTILE,))),
            owner=HOSTILE,
            why=HOSTILE,
        ),
    ),
    "moved": card(
        Outcome.FAIL,
        1,
        goal(
            "Grow what visits earn",
            Outcome.FAIL,
            rule(
                verdict(
                    "increase conversion rate by 10%",
                    State.MISSED,
                    value=0.013066,
                    target=0.0176,
                    baseline=0.016,
                    progress=-1.83,
                    unit="percent",
                    drivers=Drivers(
                        0.016,
                        0.013066,
                        "against the baseline",
                        (Driver("visits", 10000.0, 15000.0, -0.0055), Driver("orders", 160.0, GONE, 0.002566)),
                        (
                            SegmentDrivers(
                                "channel",
                                (
                                    SegmentDriver("search", 0.04, 0.042, -0.003262, 0.000267, -0.003529, 0.2, 0.0667),
                                    SegmentDriver(HOSTILE, 0.01, 0.011, 0.000328, 0.000867, -0.000539, 0.8, 0.9333),
                                ),
                                rate=0.001133,
                                mix=-0.004067,
                                divisor="visits",
                                simpson=True,
                            ),
                        ),
                        ("by post: it has more than 200 values",),
                    ),
                )
            ),
            rule(
                verdict(
                    "decrease spend by 10% in each campaign",
                    State.MISSED,
                    value=150.0,
                    target=108.0,
                    baseline=120.0,
                    unit="EUR",
                    segment={"campaign": "spring"},
                    drivers=Drivers(
                        120.0,
                        150.0,
                        "so far, against an even share of the baseline",
                        segments=(
                            SegmentDrivers(
                                "platform",
                                (
                                    SegmentDriver("instagram", None, 40.0, 40.0),
                                    SegmentDriver("search", 30.0, None, -30.0),
                                    SegmentDriver("", 60.0, 80.0, 20.0),
                                    SegmentDriver("facebook", 20.0, 25.0, 5.0),
                                ),
                                12,
                                -5.0,
                            ),
                            SegmentDrivers("country", (SegmentDriver("de", 120.0, 150.0, 30.0),)),
                        ),
                    ),
                ),
                verdict("decrease spend by 10% in each campaign", State.MET, value=1.0, segment={"campaign": "y"}),
            ),
        ),
    ),
    "nothing": card(Outcome.INCONCLUSIVE, 5),
    "sections": card(
        Outcome.FAIL,
        1,
        goal(
            "فروش بیشتر از اینستاگرام",
            Outcome.PASS,
            rule(verdict("increase فروش by 15%", State.ON_TRACK, **NUMBERS)),
            why="هزینه‌ها را فروش می‌پردازد",
            owner="سارا",
            stage="conversion",
        ),
        goal(HOSTILE, Outcome.FAIL, rule(verdict(f"reach 300 {HOSTILE}", State.MISSED, kind="reach", **NUMBERS))),
    ),
    "left_out": card(
        Outcome.PASS,
        0,
        goal("g", Outcome.PASS, rule(verdict("reach 900 clicks", State.MET, **NUMBERS))),
        dropped=(
            LeftOut("ads", "data/campaigns.csv", 5, "totals of the other rows, by their label", (34, 35, 36, 37, 38)),
            LeftOut("ads", "data/campaigns.csv", 51, "left out by drop: campaign is Test*", (3, 9, 12, 15, 18)),
            LeftOut("page", "data/page.xlsx", 0, "sheet 'Summary' is not read"),
            LeftOut("page", "data/\x1b[31mposts.csv", 2, "the same row again", (7, 8)),
        ),
        notes=(ReadNote("page", "data/posts.csv", "5 rows end before their last columns, which are blank there"),),
    ),
}
_SOLD, _HOSTILE = STORIES["sections"].goals
_SAYS_SOLD = Said(_SOLD.id, _SOLD.name, _SOLD.rules[0], "conversion")
_SAYS_HOSTILE = Said(_HOSTILE.id, HOSTILE, _HOSTILE.rules[0])
STORIES["sections"] = replace(
    STORIES["sections"],
    sections=(
        Groups(
            "questions",
            (
                Group("reach", None, ()),
                Group("engage", Outcome.INCONCLUSIVE, (_SAYS_SOLD, _SAYS_HOSTILE)),
                Group("inquire", Outcome.WAIVED, (_SAYS_SOLD,)),
                Group("convert", Outcome.PASS, (_SAYS_SOLD,)),
                Group(None, Outcome.FAIL, (_SAYS_HOSTILE,)),
            ),
        ),
        Groups(
            "stages",
            (
                Group("awareness", None, (), (), Volume("impressions", 1774936.0, "consideration", "clicks", 0.0238)),
                Group("consideration", None, (), (_SOLD.id, _HOSTILE.id), Volume("clicks", GONE)),
                Group("خرید", Outcome.PASS, (_SAYS_SOLD,), (), Volume("orders", 0.0, HOSTILE, "x", GONE)),
                Group(HOSTILE, None, (), (), Volume(None, GONE)),
            ),
            APRIL,
        ),
        Groups("levels", (Group("vanity", Outcome.PENDING, (_SAYS_SOLD,)), Group(None, Outcome.WARN, ()))),
        Groups("aspects", (Group("influence", None, ()),)),
        Channels(
            "platform",
            "(margin - spend - hours * hourly_rate) / (spend + hours * hourly_rate)",
            "percent",
            APRIL,
            (
                Channel("اینستاگرام", 2.345, (("margin", 12000.0, "EUR"), ("hours", 12.5, "hours"))),
                Channel(HOSTILE, -0.5, (("margin", GONE, None),)),
                Channel("a channel with a name that nobody can remember, and no terminal can show", 0.1),
                *(Channel(f"channel {number}", 0.01, (("margin", float(number), None),)) for number in range(9)),
                Channel("", GONE),
            ),
            ("the time of people is not counted", HOSTILE),
        ),
        Channels(None, None, None, None, (), ("there is no return to rank by",)),
        Worksheet(
            (
                PlannedLine(
                    _SOLD.id,
                    _SOLD.name,
                    Outcome.PASS,
                    _SOLD.why,
                    (
                        "increase فروش by 15%",
                        "keep the cost of each new customer below what a customer brings in a year",
                    ),
                    "مشتریان تازه می‌گویند ما را در اینستاگرام دیده‌اند",
                    _SOLD.owner,
                    date(2026, 3, 20),
                    APRIL,
                ),
                PlannedLine(_HOSTILE.id, HOSTILE, Outcome.FAIL, HOSTILE, (HOSTILE,), None, None, None, None),
            )
        ),
    ),
)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("story", STORIES)
def test_page(story: str, width: int, golden: Callable[[Path, str], None]) -> None:
    golden(REPORTS / f"{story}-{width}.txt", terminal.render(STORIES[story], width=width))


def test_what_was_left_out_is_listed_when_all_is_asked_for(golden: Callable[[Path, str], None]) -> None:
    golden(REPORTS / "left_out-verbose.txt", terminal.render(STORIES["left_out"], verbose=True))
    alone = card(Outcome.PASS, 0, notes=STORIES["left_out"].notes)
    assert "1 remark on how files were read: --verbose lists them" in terminal.render(alone)
    sheet = card(Outcome.PASS, 0, dropped=STORIES["left_out"].dropped[2:3])
    assert "parts of 1 file were left out: --verbose lists them" in terminal.render(sheet)


@pytest.mark.parametrize("story", STORIES)
def test_json(story: str, golden: Callable[[Path, str], None]) -> None:
    text = json_reporter.render(STORIES[story])
    assert not list(SCORECARD.iter_errors(json.loads(text)))
    assert "</script" not in text
    golden(REPORTS / f"{story}.json", text)


def test_colour_adds_nothing_but_colour() -> None:
    import re

    for story in STORIES.values():
        for verbose in (False, True):
            plain = terminal.render(story, verbose=verbose)
            coloured = terminal.render(story, color=True, verbose=verbose)
            assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize("name", ["agency", "company", "quickstart"])
def test_example(name: str, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    scorecard = goalkeeper.score(f"examples/{name}", as_of="2026-06-15")
    golden(REPORTS / f"example-{name}.txt", terminal.render(scorecard))


def test_an_explanation_shows_the_whole_rule_as_a_mapping_that_means_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ads.csv").write_text(
        'date,team,platform,conversions\n2026-04-01,a-de,instagram,3\n2026-04-01,a-de,"a, b",3\n2026-04-01,a-de,facebook,3\n',
        encoding="utf-8",
    )
    written: dict[str, Any] = {
        "kpi": "conversions",
        "increase": "1,500",
        "where": {"platform": {"not": ["face*", "a, b"]}, "team": "*-de"},
        "warn": "at least 11",
        "min_sample": {"conversions": 10},
        "pace": {"judge": "probability", "on_track": "25%"},
        "evidence": {"confidence": "90%"},
        "weight": 2,
        "key": True,
        "on_missing": "fail",
    }
    sentence = {key: value for key, value in written.items() if key not in {"kpi", "increase"}}
    for asked in (written, {"rule": "increase conversions by 1,500", **sentence}):
        goals: dict[str, Any] = {"version": 1, "sources": {"ads": {"path": "ads.csv", "time": "date"}}}
        goals["goals"] = [{"id": "g", "period": "2026-Q2", "rule": asked}]
        text = explanation.render(goalkeeper.explain(goals, "g", as_of="2026-05-01"))
        shown = re.search(r"read as (.*?\})\n  \S", text, re.DOTALL)
        assert shown
        assert all(len(line) <= 80 for line in text.split("read as ")[1].splitlines()[:4])
        document, problems = documents.parse(f"rule: {shown[1]}", "goals.yaml")
        assert document is not None, problems
        assert document.data == {"rule": written}


def test_explanation_of_an_example(golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    found = goalkeeper.explain("examples/quickstart", "profitable-growth", as_of="2026-06-15")
    golden(REPORTS / "explanation.txt", explanation.render(found))


def every_case() -> Iterator[Any]:
    for parameter in cases():
        case = parameter.values[0]
        if "problems" not in case["expect"] and "snapshot" not in case:
            yield parameter


@pytest.mark.parametrize("case", list(every_case()))
def test_no_line_is_wider_than_the_page(case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(case.get("data", {}), tmp_path)
    (tmp_path / "goals.yaml").write_text(goal_file(case), encoding="utf-8")
    scorecard = goalkeeper.score("goals.yaml", as_of=case["as_of"])
    for width in (40, 80, 120):
        for line in terminal.render(scorecard, width=width).splitlines():
            assert cell_len(line) <= width, line
    for found in scorecard.goals:
        text = explanation.render(goalkeeper.explain("goals.yaml", found.id, as_of=case["as_of"]), verbose=True)
        assert "SQL 1 for" in text or found.rules[0].kind == "child" or not scorecard.inputs


@pytest.mark.parametrize("story", STORIES)
def test_no_line_of_a_story_is_wider_than_the_page(story: str) -> None:
    for width in (40, 55, 80, 120):
        for line in terminal.render(STORIES[story], width=width, verbose=True).splitlines():
            assert cell_len(line) <= width, line


def test_what_is_hidden_is_shown() -> None:
    assert safe("a\x1b[31m\u202e\u200b\x9b") == "a<U+001B>[31m<U+202E><U+200B><U+009B>"
    assert safe("a\nb\tc") == "a b c"
    assert safe("نرخ\u200cتبدیل") == "نرخ\u200cتبدیل"
    page = terminal.render(STORIES["hostile"])
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_problems_point_under_the_character() -> None:
    line = "\tname: " + "漢字 نرخ " * 20 + "wrong " + "x" * 300
    start = line.index("wrong")
    span = Span("g.yaml", 12, start + 1, 5, line)
    problem = Problem("GK101", "odd\x1b", span, "help", related=(Related("first written here", span),))
    text = problems.render([problem])
    shown, caret = text.splitlines()[2:4]
    place = cell_len(caret[: caret.index("^")])
    assert cell_len(shown[: shown.index("wrong")]) == place
    assert caret.strip().endswith("^^^^^")
    assert "odd<U+001B>" in text
    assert "\x1b[" in problems.render([problem], color=True)
    assert problems.render([replace(problem, span=None)]).startswith("error[GK101]")


def test_wrapping_keeps_every_word() -> None:
    text = "one two three-very-long-word-that-fits-no-line four 漢字漢字漢字"
    lines = list(layout.wrap(text, 16, "- ", "  "))
    assert all(cell_len(line) <= 16 for line in lines)
    assert "".join(line[2:] for line in lines).replace(" ", "") == text.replace(" ", "")
    assert layout.cut("漢字漢字", 5) == "漢字…"
    assert layout.bar(0.5, 0.75, 8) == "████░░│░"
    assert layout.bar(2.0, None, 4) == "████"


def test_bars_stand_under_each_other_and_say_how_far_it_is() -> None:
    def line(value: float, **more: Any) -> str:
        told = verdict("reach", State.ON_TRACK, **NUMBERS | {"value": value, "progress": 1.0} | more)
        page = terminal.render(card(Outcome.PASS, 0, goal("g", Outcome.PASS, rule(told))))
        return next(line for line in page.splitlines() if "target 920" in line)

    lines = [line(value) for value in (9.2, 92.0, 920.0, 9200.0, 92000.0)]
    assert [text.split()[-1] for text in lines] == ["1%", "10%", "100%", ">999%", ">999%"]
    assert len({min(text.index(sign) for sign in "█░" if sign in text) for text in lines}) == 1
    level = line(860.0, from_zero=False, expected=890.0)
    assert level.endswith("50%")
    assert "█" not in line(700.0, from_zero=False)


def test_numbers_that_differ_read_differently() -> None:
    show = figures.side_by_side([0.26291, 0.26344, 0.5], None)
    assert [show(number) for number in (0.26291, 0.26344, 0.5)] == ["0.2629", "0.2634", "0.5"]
    show = figures.side_by_side([11.999, 12.0], "EUR")
    assert [show(number) for number in (11.999, 12.0)] == ["11.999 EUR", "12 EUR"]
    assert figures.side_by_side([2287.5, 2287.5 * (1 + 1e-12)], None)(2287.5) == "2,288"
    assert figures.share_text(0.99997) == "99.997%"
    assert figures.share_text(1.0) == "100.0%"
    assert quantity.format_number(1.365e30) == "1.365e+30"
    assert quantity.exact_quantity(1.365e30, "EUR") == "1.365e+30 EUR"


def test_a_diagnosis_is_said_once_with_its_goals() -> None:
    notes = tuple(
        DiagnosisNote("a", f"g{n}", {}, True, "Costs rise.", None, (), (Evidence("cpa", 2.0),)) for n in range(5)
    )
    goals = (goal(f"G{n}", Outcome.PASS, rule(verdict("r", State.HOLDING))) for n in range(5))
    page = terminal.render(card(Outcome.PASS, 0, *goals, diagnoses=notes))
    assert page.count("Costs rise.") == 1
    assert "for G0, G1, G2 and 2 more" in page
    unread = DiagnosisNote("b", "g0", {}, None, "x", None, reason="clicks / 0: divided by 0")
    assert "b could not be read: clicks / 0: divided by 0" in terminal.render(
        card(Outcome.PASS, 0, diagnoses=(unread,))
    )


def test_what_a_formula_shifts_is_traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data({"ads.csv": [{"days": "2026-01-01 to 2026-06-30", "platform": "a", "clicks": 10}]}, tmp_path)
    goals = {
        "version": 1,
        "sources": {"ads": {"path": "ads.csv", "time": "date"}},
        "kpis": {
            "growth": {"formula": "clicks / previous(clicks) + clicks / total(clicks)", "where": {"platform": "a"}}
        },
        "goals": [{"id": "g", "rule": "keep growth at least 1 in each platform", "period": "2026-Q2"}],
    }
    (tmp_path / "goals.json").write_text(json.dumps(goals))
    text = explanation.render(goalkeeper.explain("goals.json", "g", as_of="2026-07-01"))
    assert (
        "growth = 2 = 910 / 910 + 910 / 910   (clicks / previous(clicks) + clicks / total(clicks), only platform a)"
        in text
    )
    assert "previous(clicks) = 910   (flow: column clicks of ads; over 2026-01-01 to 2026-03-31, 90 days as 91)" in text
    assert "total(clicks) = 910   (flow: column clicks of ads; over 2026-04-01 to 2026-06-30, all segments)" in text


def test_the_exports_of_the_agency_are_those_that_its_script_writes(tmp_path: Path) -> None:
    import runpy

    script = runpy.run_path(str(EXAMPLES / "agency" / "make_data.py"))
    for exports in ("instagram", "x", "youtube", "tiktok", "google_ads", "shop"):
        for name, text in script[exports]():
            encoding = "utf-16" if name.startswith("instagram/") else "utf-8"
            assert (EXAMPLES / "agency" / "exports" / name).read_bytes() == text.encode(encoding)
