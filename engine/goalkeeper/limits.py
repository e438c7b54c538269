"""How much a goal file, and what is made of it, may hold: every limit, and what is said past it.

A goal file comes from whoever may propose a change, so that it must cost bounded time and memory whatever it says.
Limits lie far above what people write: they are there for what is no goal. `docs/limits.md` shows them from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

FILE_BYTES = 1024 * 1024
"""A goal file, a pack, a file of tests or a mapping from Python is read as a whole, so it is no larger than this."""
PARTS = 50_000
"""Texts, numbers, lists and mappings in one file."""
DEPTH = 32
"""Levels of lists and mappings inside each other: what walks through a file calls itself for each."""
ALIASES = 0
"""Nothing stands for something else in a file, so that nothing grows beyond what is written."""
TEXT_LENGTH = 64 * 1024
"""Characters of one text: it is shown whole in places."""
KEY_LENGTH = 200
"""Characters of a key: keys are named in messages, and compared with each other."""
LABEL_LENGTH = 200
"""Characters of what people call a KPI: sentences are searched for all labels, word by word."""
NUMBER_LENGTH = 100
"""Characters of a number with its unit, or of a date, a length of time or a period."""
NUMBER_DIGITS = 30
"""Digits of a number in a file or formula: no number of the field has more, and long ones cost time to read."""
PROBLEMS = 100
"""Mistakes of one file that are told in one run: nobody mends more of them at once."""

ENTRIES = 2_000
"""Entries of one list or mapping, and of each section of all goal files of a run: goals, KPIs, metrics, waivers ..."""
RUN_RULES = 3_000
"""Rules of all goals of a run: the words of each are looked for among all names."""
SOURCES = 200
"""Sources of all goal files of a run: each is opened, and looked at, before anything is judged."""
STAGES = 50
"""Stages of a funnel."""
DIMENSIONS = 10
"""Dimensions that one rule is told apart by."""
PATH_LENGTH = 1_000
"""Characters of the path of a data file."""
PACKS = 100
"""Packs that one file uses."""
STRETCHES = 1_000
"""Stretches of days that one goal leaves out."""
RULES = 200
"""Rules of one goal."""
WEIGHT = 1_000_000
"""The weight of a rule: sums of weights stay numbers."""
VALUES = 1_000
"""Values and patterns of one filter."""
VALUE_LENGTH = 500
"""Characters of a value or pattern of a filter: a pattern is held against every value of its column."""
SENTENCE_LENGTH = 500
"""Characters of a rule sentence: every form is tried at every word."""

FORMULA_LENGTH = 1_000
"""Characters of a formula."""
FORMULA_PARTS = 200
"""Numbers, names, signs and functions of a formula."""
FORMULA_DEPTH = 30
"""Levels of a formula: what walks through it calls itself for each."""
EXPONENT = 10
"""The largest exponent, above and below 0."""
ARGUMENTS = 20
"""Arguments of a function such as `min`."""
KPI_DEPTH = 30
"""KPIs that stand on one another: each level reads the next."""
KPI_READS = 500
"""What a KPI comes to read when every KPI in it is written out: a few lines could stand for millions."""
GOAL_DEPTH = 30
"""Goals inside one another."""
GOAL_PARTS = 2_000
"""What a goal comes to hold when every goal in it is written out."""

YEARS = 100
"""The longest length of time."""
WINDOWS = 4_000
"""Windows of one rule, such as its days: more than ten years of days."""
SEGMENTS = 100_000
"""Segments of one rule: each has a verdict in a report for programs."""
RUN_WINDOWS = 20_000
"""Windows of all rules of a run."""
SERIES = 4_000
"""Values of one series in a file of tests: more than ten years of days."""
TEST_ROWS = 200_000
"""Rows that one test makes of its series."""

TERMINAL_ROWS = 10
"""How many segments or windows of a rule the terminal lists unless all are asked for."""
IDLE_NAMED = 3
"""How many segments without rows it names."""
PAGE_ROWS = 50
"""So many rows of a page are shown before more are asked for. A page without scripts shows all."""
COMMENT_ROWS = 20
"""So many verdicts of a rule are listed in Markdown."""
COMMENT_BYTES = 65_536
"""A comment on GitHub has at most so many characters. Bytes are counted, to be on the safe side everywhere."""
SUMMARY_BYTES = 1024 * 1024
"""The bytes that a summary of a step may have; GitHub refuses a longer one as a whole."""
ANNOTATIONS = 10
"""GitHub shows so many errors of a step, as many warnings and as many notices, and drops the rest unsaid."""
HISTORY_ROWS = 10
"""How many segments of a rule, and how many days of changed files, a history lists."""
BACKTEST_ROWS = 10
"""How many segments of a rule a backtest lists unless all are asked for."""
CHANNEL_ROWS = 10
"""How many channels are listed unless all are asked for."""


class Limit(Struct, frozen=True):
    """A row of the table: what may be how many at most, and the problem that says so past it.

    What reports leave out is no problem: it is counted in its place.
    """

    of: str
    most: int
    unit: str = ""
    code: str = ""


FILE = (
    Limit("a file", FILE_BYTES, "bytes", "GK106"),
    Limit("the parts of a file", PARTS, code="GK106"),
    Limit("levels of lists and mappings", DEPTH, code="GK106"),
    Limit("aliases and anchors", ALIASES, code="GK105"),
    Limit("entries of one list or mapping", ENTRIES, code="GK106"),
    Limit("a text", TEXT_LENGTH, "characters", "GK106"),
    Limit("a key", KEY_LENGTH, "characters", "GK106"),
    Limit("a label", LABEL_LENGTH, "characters", "GK106"),
    Limit("a number with its unit, a date, a length of time, a period", NUMBER_LENGTH, "characters", "GK210"),
    Limit("mistakes that are told of one file", PROBLEMS, code="GK117"),
)
LANGUAGE = (
    Limit("sources", SOURCES, code="GK106"),
    Limit("goals, KPIs, metrics, diagnoses, waivers, annotations, breaks: of each", ENTRIES, code="GK106"),
    Limit("stages of a funnel", STAGES, code="GK106"),
    Limit("dimensions that a rule is told apart by", DIMENSIONS, code="GK106"),
    Limit("the path of a data file", PATH_LENGTH, "characters", "GK106"),
    Limit("packs that a file uses", PACKS, code="GK106"),
    Limit("stretches of days that a goal leaves out", STRETCHES, code="GK106"),
    Limit("rules of a goal", RULES, code="GK106"),
    Limit("rules of all goals of a run", RUN_RULES, code="GK106"),
    Limit("the weight of a rule", WEIGHT, code="GK112"),
    Limit("values of a filter", VALUES, code="GK106"),
    Limit("a value or pattern of a filter", VALUE_LENGTH, "characters", "GK106"),
    Limit("a rule sentence", SENTENCE_LENGTH, "characters", "GK202"),
    Limit("goals inside one another", GOAL_DEPTH, "levels", "GK106"),
    Limit("rules of a goal and of all goals in it, each as often as it stands there", GOAL_PARTS, code="GK106"),
    Limit("a length of time", YEARS, "years", "GK210"),
    Limit("windows of a rule", WINDOWS, code="GK409"),
    Limit("segments of a rule", SEGMENTS, code="GK333"),
    Limit("windows of all rules of a run", RUN_WINDOWS, code="GK409"),
)
FORMULAS = (
    Limit("a formula", FORMULA_LENGTH, "characters", "GK204"),
    Limit("numbers, names, signs and functions of a formula", FORMULA_PARTS, code="GK204"),
    Limit("levels of a formula", FORMULA_DEPTH, code="GK204"),
    Limit("digits of a number in a formula", NUMBER_DIGITS, code="GK204"),
    Limit("an exponent, above and below 0", EXPONENT, code="GK204"),
    Limit("arguments of a function", ARGUMENTS, code="GK204"),
    Limit("KPIs that stand on one another", KPI_DEPTH, "levels", "GK106"),
    Limit("what a KPI reads when every KPI in it is written out", KPI_READS, "names", "GK106"),
)
TESTS = (
    Limit("a series of a test", SERIES, "values", "GK601"),
    Limit("rows that a test makes", TEST_ROWS, code="GK603"),
)
REPORTS = (
    Limit("segments or windows of a rule in the terminal", TERMINAL_ROWS),
    Limit("segments without rows that are named there", IDLE_NAMED),
    Limit("rows of the HTML page before more are asked for", PAGE_ROWS),
    Limit("verdicts of a rule in Markdown", COMMENT_ROWS),
    Limit("a comment in Markdown", COMMENT_BYTES, "bytes"),
    Limit("a summary of a step in GitHub Actions", SUMMARY_BYTES, "bytes"),
    Limit("errors, warnings and notices there, of each", ANNOTATIONS),
    Limit("segments of a rule in a history", HISTORY_ROWS),
    Limit("segments of a rule in a backtest", BACKTEST_ROWS),
    Limit("channels in a report", CHANNEL_ROWS),
)
TABLE = (*FILE, *LANGUAGE, *FORMULAS, *TESTS)
"""Every limit that a file can come to."""


def written_out(parts: Mapping[str, Sequence[str]], depth: int, size: int) -> Iterator[tuple[str, str]]:
    """Those of *parts* that are deeper or larger than may be, when everything in them is written out, and which it is.

    What is named as too `deep` or too `large` counts as a single thing in what it is part of, so that each mistake is
    told once. A circle ends where it began: it is a mistake of its own.
    """
    done: dict[str, tuple[int, int]] = {}
    for first in parts:
        waiting = [first]
        begun: set[str] = set()
        while waiting:
            name = waiting[-1]
            if name in done or name not in parts:
                waiting.pop()
            elif name not in begun:
                begun.add(name)
                waiting += [part for part in parts[name] if part not in begun]
            else:
                waiting.pop()
                inside = [done.get(part, (0, 1)) for part in parts[name]]
                deep, large = 1 + max((one for one, _ in inside), default=0), sum(many for _, many in inside)
                done[name] = (deep, large) if deep <= depth and large <= size else (0, 1)
                if deep > depth or large > size:
                    yield name, "deep" if deep > depth else "large"
