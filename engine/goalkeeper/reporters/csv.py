"""The scorecard as CSV (RFC 4180): a row for each verdict, for those who go on with a spreadsheet or a data frame.

It begins with a byte order mark, without which Excel takes UTF-8 for the code page of the machine; what reads data
skips it. Numbers have 12 significant digits, and percent are fractions beside `percent` as their unit.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from goalkeeper.calendar import System
from goalkeeper.columns import Missing
from goalkeeper.languages import speaking
from goalkeeper.reporters.inert import quiet
from goalkeeper.reporters.json_parts import in_jalali, number
from goalkeeper.reporters.safe import safe
from goalkeeper.reporters.telling import segment_of, title_of, waiver_text
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import Bounds, GoalResult, RuleResult, Verdict

MARK = "\ufeff"
COLUMNS = (
    *("as_of", "goal", "goal_name", "goal_outcome", "owner"),
    *("rule", "kind", "kpi", "key", "weight", "segment"),
    *("outcome", "state", "value", "target", "target_low", "target_high", "baseline", "unit"),
    *("expected", "index", "progress", "projection", "needed_per_day", "so_far"),
    *("start", "end", "window", "days", "elapsed", "days_covered", "days_wanted", "baseline_start", "baseline_end"),
    *("reasons", "waiver", "file", "line"),
    *("start_jalali", "end_jalali", "baseline_start_jalali", "baseline_end_jalali"),
)
"""The columns, in an order that stays. New ones come at the end."""
_FORMULA = re.compile(r"(?:^|(?<=;))(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet would begin to read a formula: in front, and where a semicolon parts its cells.

Blanks and quotes before it are no help: programs take them away. Those in East Asia know the signs of full width.
"""


@speaking("en")
def render(scorecard: Scorecard) -> str:
    """The rows, under the names of their columns."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    names = scorecard.names
    for goal in scorecard.goals:
        for rule in goal.rules:
            for verdict in rule.verdicts:
                rows.writerow(
                    [
                        *_goal(scorecard, goal),
                        *_rule(rule, title_of(rule, names)),
                        *_verdict(verdict),
                        *_in_jalali(scorecard, verdict),
                    ]
                )
    return MARK + text.getvalue()


def _goal(card: Scorecard, goal: GoalResult) -> Iterator[str]:
    yield from (_day(card.as_of), _cell(goal.id), _cell(goal.name), goal.outcome, _cell(goal.owner or ""))


def _rule(rule: RuleResult, title: str) -> Iterator[str]:
    yield from (_cell(title), rule.kind, _cell(rule.kpi or ""), "yes" if rule.key else "no", _number(rule.weight))


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield from (_cell(segment_of(verdict.segment)), verdict.outcome, verdict.state, _number(verdict.value))
    match verdict.target:
        case Bounds(low, high):
            yield from ("", _number(low), _number(high))
        case _:
            yield from (_number(verdict.target), "", "")
    yield from (_number(verdict.baseline), _cell(verdict.unit or ""))
    told = (verdict.expected, verdict.index, verdict.progress, verdict.projection, verdict.needed_per_day)
    yield from (_number(one) for one in (*told, verdict.so_far))
    yield from _days(verdict)
    yield _cell(" · ".join(map(safe, verdict.reasons)))
    yield _cell(waiver_text(verdict.waiver)) if verdict.waiver is not None else ""
    place = verdict.location
    yield from (_cell(place.file), str(place.line)) if place is not None else ("", "")


def _days(verdict: Verdict) -> Iterator[str]:
    window, before, coverage = verdict.window, verdict.baseline_window, verdict.coverage
    if window is None:
        yield from [""] * 5
    else:
        yield from (_day(window.first), _day(window.last), _cell(verdict.window_name or ""))
        yield from (str(window.days), str(verdict.elapsed))
    yield from (str(coverage.days), str(coverage.of)) if coverage is not None else ("", "")
    yield from (_day(before.first), _day(before.last)) if before is not None else ("", "")


def _in_jalali(card: Scorecard, verdict: Verdict) -> Iterator[str]:
    """The days of the windows in the Jalali calendar, where the scorecard counts in it."""
    for window in (verdict.window, verdict.baseline_window):
        if window is None or card.calendar is not System.JALALI:
            yield from ("", "")
        else:
            yield from in_jalali(window).values()


def _cell(text: str) -> str:
    """*text* as a cell that is read as text, whatever it begins with."""
    return quiet(_FORMULA.sub("'", safe(text)))


def _number(value: float | Missing | None) -> str:
    """A number as every machine-read report writes it; nothing where there is none."""
    found = number(value)
    return "" if found is None else repr(found)


def _day(day: date) -> str:
    return day.isoformat()
