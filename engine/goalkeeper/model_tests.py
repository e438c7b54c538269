"""Test files as written: series of numbers that stand in for the sources of a goal file, and what must come of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from goalkeeper.model_base import Scalar, Text, Written, whole_number

OutcomeWord = Literal["pass", "warn", "fail", "inconclusive", "pending", "waived"]
StateWord = Literal[
    "on_track",
    "met",
    "holding",
    "at_risk",
    "warn_band",
    "off_track",
    "missed",
    "breached",
    "not_started",
    "too_early",
    "new",
    "too_few",
    "no_data",
    "stale",
    "undefined",
    "not_comparable",
    "not_proven",
]
NUMBER_HELP = (
    "A number as people write it (`2.1%`, `12 EUR`, `1,200`), `about 9.67` for one that is rounded to so many digits, "
    "or `none`."
)
SERIES_HELP = (
    "The numbers of a metric from `start` on, one for each day, or for each week, month or quarter where a row of its "
    "source stands for one. `100x6` is 100 on six days, `100+5x6` is 100, 105 and so on to 125, `_` is a day without a "
    "number, `_x3` three of them. One series, or one for each segment: `platform=instagram, campaign=launch: '10x30'`. "
    "The key is a metric, or `source.column`."
)
_SERIES_EXAMPLES = [{"conversions": "100x6 180x3 _ 190", "spend": {"platform=instagram": "20x30"}}]


def _series_tag(value: Any) -> str:
    return "segments" if isinstance(value, dict) else "one"


AnySeries = Annotated[
    Annotated[Scalar, Tag("one")] | Annotated[dict[str, Scalar], Tag("segments")],
    Discriminator(_series_tag),
]


def _reasons_tag(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


class ExpectedVerdict(Written):
    """What a verdict must say. What is left out may be anything."""

    segment: Text | None = Field(
        default=None,
        description="The segment that the verdict is about, as series name them.",
        examples=["platform=instagram"],
    )
    window: Text | None = Field(
        default=None,
        description="The window that it is about: its first day, or a period such as `2026-04`.",
        examples=["2026-04", "2026-W14", "2026-04-06"],
    )
    outcome: OutcomeWord | None = Field(default=None, description="What it came to.")
    state: StateWord | None = Field(default=None, description="How it came to its outcome.")
    value: Scalar | None = Field(default=None, description=f"The value. {NUMBER_HELP}", examples=["2.1%", 450])
    target: Scalar | None = Field(default=None, description="What is asked for; of a bound on one side, the bound.")
    low: Scalar | None = Field(default=None, description="The lower bound of a Keep rule.")
    high: Scalar | None = Field(default=None, description="The upper bound of a Keep rule.")
    baseline: Scalar | None = Field(default=None, description="What the change is measured from.")
    expected: Scalar | None = Field(default=None, description="What is expected by now.")
    projection: Scalar | None = Field(default=None, description="What it will come to at this pace.")
    needed_per_day: Scalar | None = Field(default=None, description="What is needed on each day that is left.")
    progress: Scalar | None = Field(
        default=None, description="How much of the way is done: 0 is none, 1 or `100%` is all of it."
    )
    index: Scalar | None = Field(default=None, description="The projection over the target: 1 or `100%` meets it.")
    reasons: (
        Annotated[
            Annotated[Text, Tag("text")] | Annotated[list[Text], Field(min_length=1), Tag("list")],
            Discriminator(_reasons_tag),
        ]
        | None
    ) = Field(default=None, description="A part of one of its reasons, or a list of such parts.")


def _rule_tag(value: Any) -> str:
    return "list" if isinstance(value, list) else "verdict" if isinstance(value, dict | ExpectedVerdict) else "outcome"


AnyExpectedRule = Annotated[
    Annotated[OutcomeWord, Tag("outcome")]
    | Annotated[ExpectedVerdict, Tag("verdict")]
    | Annotated[list[ExpectedVerdict], Field(min_length=1), Tag("list")],
    Discriminator(_rule_tag),
]


class ExpectedGoal(Written):
    """What a goal and its rules must come to."""

    outcome: OutcomeWord | None = Field(default=None, description="What the goal comes to.")
    score: Scalar | None = Field(default=None, description="Its score, 0 to 100.")
    rules: dict[str, AnyExpectedRule] = Field(
        default={},
        description="Its rules, each by its sentence or its KPI, with an outcome, what its verdict says, or a list with "
        "an entry for a segment or window. Without one, it is the verdict that stands for the rule: its worst.",
    )


def _goal_tag(value: Any) -> str:
    return "goal" if isinstance(value, dict | ExpectedGoal) else "outcome"


AnyExpectedGoal = Annotated[
    Annotated[OutcomeWord, Tag("outcome")] | Annotated[ExpectedGoal, Tag("goal")], Discriminator(_goal_tag)
]


class Expected(Written):
    """What must come of the numbers."""

    goals: dict[str, AnyExpectedGoal] = Field(
        default={}, description="Goals, each by its id or name, with an outcome or with more."
    )
    outcome: OutcomeWord | None = Field(default=None, description="What the whole scorecard comes to.")
    score: Scalar | None = Field(default=None, description="Its score, 0 to 100.")
    exit_code: Annotated[int, BeforeValidator(whole_number)] | None = Field(
        default=None, description="The exit code that a pipeline sees: 0 is an open gate.", examples=[0, 1]
    )
    problems: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="The codes of problems that must be said of these numbers.", examples=[["GK308"]]
    )


class GoalTest(Written):
    """One test: on these numbers, as of this day, that must come of the goals."""

    name: Text = Field(description="What it shows, in a few words.", examples=["half the pace is off track"])
    as_of: Text | None = Field(
        default=None,
        description="The day of judging, as for `score`: the last complete day is the one before. Left out: that of the file.",
        examples=["2026-05-16"],
    )
    start: Text | None = Field(
        default=None, description="The first day of the series. Left out: that of the file.", examples=["2026-01-01"]
    )
    series: dict[str, AnySeries] = Field(
        default={},
        description=f"{SERIES_HELP} A series of the file that has the same key gives way to it.",
        examples=_SERIES_EXAMPLES,
    )
    expect: Expected = Field(description="What must come of it.")


class GoalTestFile(Written):
    """A Goalkeeper test file: tests of the goals beside it."""

    version: Annotated[Literal[1], BeforeValidator(whole_number)] = Field(description="The version of the language: 1.")
    goals: (
        Annotated[
            Annotated[Text, Tag("text")] | Annotated[list[Text], Field(min_length=1), Tag("list")],
            Discriminator(_reasons_tag),
        ]
        | None
    ) = Field(
        default=None,
        description="The goal file or folder that is tested, or a list of them, from this file's folder. Left out: the "
        "goal file of the same name, `goals.yaml` for `goals.test.yaml`.",
        examples=["goals.yaml", "."],
    )
    as_of: Text | None = Field(default=None, description="The day of judging of tests that do not say theirs.")
    start: Text | None = Field(default=None, description="The first day of the series of tests that do not say theirs.")
    series: dict[str, AnySeries] = Field(
        default={}, description=f"Series for all tests. {SERIES_HELP}", examples=_SERIES_EXAMPLES
    )
    tests: Annotated[list[GoalTest], Field(min_length=1)] = Field(description="The tests.")
