"""What is wrong with a file: where, in the author's words, and the cure."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.limits import PROBLEMS
from goalkeeper.said import enumerated, meant, say


class Severity(StrEnum):
    """How much a problem matters: an error stops the run, a warning is only said."""

    ERROR = "error"
    WARNING = "warning"


class Span(Struct, frozen=True, order=True):
    """A stretch of one line of a file. Lines and columns count from 1, in characters."""

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""
    """The whole source line, for the caret to stand under."""


def span_at(file: str, text: str, start: int, end: int) -> Span:
    """The span of some characters of a text; it ends with its first line."""
    start = min(max(start, 0), len(text))
    ends = _line_ends(text)
    line = bisect_left(ends, start) + 1
    begin = ends[line - 2] + 1 if line > 1 else 0
    whole = _line(text, begin, ends[line - 1] if line <= len(ends) else len(text))
    length = max(min(end, begin + len(whole)) - start, 1)
    return Span(file, line, start - begin + 1, length, whole)


@lru_cache(maxsize=16)  # a project asks for thousands of places, in a file or two at a time
def _line_ends(text: str) -> tuple[int, ...]:
    """Where the lines of a text end."""
    return tuple(found.start() for found in re.finditer("\n", text))


@lru_cache(maxsize=16)  # many mistakes in one long line share it
def _line(text: str, begin: int, stop: int) -> str:
    return text[begin:stop].rstrip("\r")


class Related(Struct, frozen=True):
    """A second place that a problem speaks of, such as the first of two equal keys."""

    message: str
    span: Span


class Problem(Struct, frozen=True):
    """One mistake: what is wrong (`message`), where (`span`) and what to do (`help`)."""

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"problem code {self.code} is not in the catalogue")


class ProblemsFound(Exception):
    """Raised by the library when files or data do not allow an answer. `problems` holds all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        first = next((p for p in self.problems if p.severity is Severity.ERROR), None)
        super().__init__(first.message if first else "problems found")


CODES: dict[str, str] = {
    # the shape of a file
    "GK101": "the file is not valid YAML or JSON",
    "GK102": "the file is not UTF-8 text",
    "GK103": "a character that cannot be seen, or that ends a line unseen",
    "GK104": "a key is written twice",
    "GK105": "a part of YAML that goal files leave out (anchor, alias, tag, merge key, several documents)",
    "GK106": "the file is too large, too deep or has too many parts",
    "GK107": "a comma split a value in two",
    "GK108": "a number sign cut a value short",
    "GK109": "the Persian comma does not separate items",
    "GK110": "an unknown key",
    "GK111": "a key is missing",
    "GK112": "a value of the wrong kind",
    "GK113": "the file is empty",
    "GK114": "the file cannot be read",
    "GK115": "a key that does not go with another one",
    "GK116": "a text that YAML takes for something else and that needs quotes",
    "GK117": "more mistakes than are told at once",
    "GK121": "a file that goal files may not read",
    # names, sentences, formulas and units
    "GK201": "an unknown metric or KPI",
    "GK202": "a rule sentence that does not parse",
    "GK203": "a formula that does not parse",
    "GK204": "something that formulas leave out",
    "GK205": "KPIs that refer to each other in a circle",
    "GK206": "a unit that does not fit",
    "GK207": "a name that two things have",
    "GK208": "a name that is no identifier",
    "GK209": "an unknown source, goal, dimension, pack or stage",
    "GK210": "a number, date, duration or period that cannot be read",
    "GK211": "a date or number that can be read in two ways",
    "GK212": "goals that contain each other in a circle",
    "GK213": "a metric that is known under another kind",
    "GK214": "a percentage of a percentage",
    "GK215": "a unit that is not known",
    "GK216": "a name from a pack whose numbers no source has",
    "GK217": "packs that use each other in a circle",
    # data
    "GK301": "a data file that is not there",
    "GK302": "a data file that cannot be read",
    "GK303": "a column that is not there",
    "GK304": "a column that is not numeric",
    "GK305": "a date that can be read in two ways, or not at all",
    "GK306": "a cell that does not hold what its column holds",
    "GK307": "rows at another grain than declared",
    "GK308": "a value that never occurs in the data",
    "GK309": "a data file without rows",
    "GK316": "a data file that is there twice",
    "GK317": "a data file without a column that others of its source have",
    "GK318": "a data file in another encoding than declared",
    "GK320": "a data file that is not of its format",
    "GK321": "a data file without a column that its format has",
    "GK322": "a row of totals that is not the sum of the others",
    "GK323": "a row that is there twice",
    "GK324": "amounts of several currencies in one column",
    "GK325": "rows without a day",
    "GK326": "a data file with several tables of the same numbers",
    "GK327": "a segment that is the total of the others",
    "GK331": "a time that lies before the one it is counted from",
    "GK332": "one thing that is spelt in several ways",
    "GK333": "more segments than are judged",
    "GK341": "a data file that changed while it was read",
    # goals that cannot be planned
    "GK401": "a rule without a period",
    "GK402": "two periods",
    "GK403": "a goal without rules",
    "GK404": "options that do not go with this kind of rule",
    "GK405": "a period that ends before it starts, or a window outside it",
    "GK406": "a rollup that its rules cannot meet",
    "GK407": "a waiver that matches nothing",
    "GK408": "a waiver that ends soon, or has ended",
    "GK409": "more windows than are judged",
    "GK411": "a share that is always the whole",
    # advice on goals
    "GK501": "a goal that does not say why",
    "GK502": "more than three main goals",
    "GK503": "more than two main rules on a goal",
    "GK504": "a goal judged by vanity KPIs alone",
    "GK505": "an engagement rate that does not say of what",
    "GK506": "impressions where people are meant",
    "GK507": "a baseline taken on trust",
    "GK508": "a goal without an end",
    "GK509": "a goal declared after its period began",
    "GK510": "a special time on one side of a comparison",
    "GK511": "goals that share what they are judged by",
    "GK512": "a baseline with too little behind it",
    "GK513": "a target beyond all that was seen before",
    "GK514": "a target too small to tell from noise",
    "GK515": "a baseline at a low point",
    "GK519": "a metric that has ended",
    "GK520": "an export that is read as a plain table",
    "GK521": "rows that are there twice",
    "GK522": "amounts that change from rial to toman",
    # tests of goals
    "GK601": "a series that cannot be read",
    "GK602": "a series of something that is no metric here",
    "GK603": "a metric whose numbers cannot be given as they are",
    "GK604": "a segment of a test that cannot be read, or that contradicts another",
    "GK605": "a number that a test needs and does not give",
    "GK606": "an expectation of something that is not there",
    "GK607": "a test file without its goal file",
    "GK608": "two tests of one name",
    "GK609": "a test that expects nothing",
    # comparing goal files
    "GK611": "something to compare that is not there",
    "GK612": "a git revision where git cannot be asked",
    # the history
    "GK621": "a history that is not there",
    "GK622": "a history that cannot be read",
    "GK623": "a history of a newer version",
    "GK624": "a history that cannot be written",
    "GK625": "a history without a write-ahead log",
    # past days
    "GK631": "days of judging that end before they begin",
    "GK632": "a backtest without sources",
    # outputs
    "GK641": "a report that cannot be written",
    "GK642": "a report in the place of a file that is read",
}
"""Every code and what it stands for. A code never changes its meaning."""

ADVICE: dict[str, str] = {
    code: "off" if code == "GK508" else "warn" for code in CODES if code == "GK214" or code.startswith("GK5")
}
"""Problems that are advice, each with its level where a goal file does not set another: `off`, `warn` or `error`."""

DATA_CODES = ("GK3", "GK62", "GK641")
"""Problems that begin with one of these are about data, the history, or what cannot be written; they end with 3."""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems by place, each once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.span is None, p.span or Span("", 0, 0), p.code, p.message)))


def told(problems: Iterable[Problem], most: int = PROBLEMS) -> list[Problem]:
    """The first of the problems of a file, and that there are more where they are too many to tell.

    No more are looked for than are told: a file that is one mistake from end to end costs no more than a few.
    """
    found = list(islice(problems, most + 1))
    if len(found) <= most:
        return found
    text = say("the file has more than {most} mistakes; these are the first", most=most)
    return [*found[:most], Problem("GK117", text, found[most].span, say("mend these, and look again"))]


def enough(found: list[Problem], before: int, place: Span) -> bool:
    """Whether there are more errors than are told at once, after the first *before*; said at *place* where there are.

    For each unknown name the nearest is looked for, so that thousands of them cost minutes.
    """
    if len(errors(found[before:])) <= PROBLEMS:
        return False
    text = say("the file has more than {most} mistakes; these are the first", most=PROBLEMS)
    found.append(Problem("GK117", text, place, say("mend these, and look again")))
    return True


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop a run."""
    return [p for p in problems if p.severity is Severity.ERROR]


def at_levels(problems: Iterable[Problem], levels: Mapping[str, str]) -> list[Problem]:
    """The problems, advice at the levels that a goal file sets: `off`, `warn` or `error`."""
    severities = {"warn": Severity.WARNING, "error": Severity.ERROR}
    return [
        replace(p, severity=severities[levels[p.code]]) if p.code in levels else p
        for p in problems
        if levels.get(p.code) != "off"
    ]


_COMPARED = 500


def suggest(word: str, known: Collection[str]) -> str | None:
    """The known name nearest to *word*, or None when none is near."""
    if len(known) > _COMPARED:  # of many names those are looked at that are about as long, and no more than so many
        alike = (name for name in known if abs(len(name) - len(word)) <= 2)
        known = list(islice(alike, _COMPARED))
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def _short(name: str, most: int = 40) -> str:
    return name if len(name) <= most else f"{name[: most - 3]}..."


def did_you_mean(word: str, known: Collection[str], *, list_up_to: int = 12) -> str:
    """The cure for an unknown name: the nearest one, else what there is."""
    near = suggest(word, known)
    if near is not None:
        return meant(near)
    names = sorted(_short(name) for name in known if name.strip())
    if not names:
        return ""
    if len(names) > list_up_to:
        some, rest = enumerated(names[:list_up_to]), len(names) - list_up_to
        return say("known here: {names}, and {count} more", names=some, count=rest)
    return say("known here: {names}", names=enumerated(names))
