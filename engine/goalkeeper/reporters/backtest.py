"""A backtest as text for a terminal: for each goal and rule when it warned and failed, and a strip of its outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, SegmentPast
from goalkeeper.calendar import Window
from goalkeeper.figures import side_by_side
from goalkeeper.languages import Shown, tr
from goalkeeper.limits import BACKTEST_ROWS as SHOWN
from goalkeeper.reporters import left_out
from goalkeeper.reporters.layout import Page, Style, as_page, cells, in_order_of_time, sides, table, wrap
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS, STYLES
from goalkeeper.reporters.phrases import floats_of, words_of
from goalkeeper.reporters.safe import safe, segment_text, short_day
from goalkeeper.said import Figure, all_of, enumerated, say
from goalkeeper.verdict import SEVERITY, Outcome

BY_DAY = 62
"""So many days of judging at most have a letter each; more of them share one by week."""
LETTERS: Mapping[Outcome, str] = {
    Outcome.PASS: "P",
    Outcome.WARN: "W",
    Outcome.FAIL: "F",
    Outcome.INCONCLUSIVE: "?",
    Outcome.PENDING: "·",
    Outcome.WAIVED: "~",
}
CAVEAT = say(
    "Judged by the rows as they are now: what came late, or was mended since, was not known on the day itself."
)


def render(backtest: Backtest, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The backtest in lines of at most *width* columns (40 or more); *verbose* lists every segment."""
    return as_page(_Page(backtest, width, color=color, verbose=verbose).lines())


class _Page(Page):
    def __init__(self, backtest: Backtest, width: int, *, color: bool, verbose: bool) -> None:
        super().__init__(width, color=color)
        self.backtest = backtest
        self.verbose = verbose
        self.groups = _groups(backtest)

    def lines(self) -> Iterator[str]:
        days = self.backtest.days
        if self.backtest.each == "week":
            count = tr("{count} week" if len(days) == 1 else "{count} weeks", count=len(days))
        else:
            count = tr("{count} day" if len(days) == 1 else "{count} days", count=len(days))
        head = tr("Backtest as of {days}", days=Window(days[0], days[-1]))
        yield self.paint(sides(head, count, self.width), Style.BOLD)
        yield from wrap(safe(CAVEAT), self.width)
        for goal in self.backtest.goals:
            yield ""
            yield from self.goal(goal)
        if self.backtest.dropped or self.backtest.notes:
            yield ""
            yield from wrap(left_out.in_one_line(self.backtest.dropped, self.backtest.notes), self.width)
            if self.verbose:
                yield from left_out.listed(self.backtest.dropped, self.backtest.notes, self.width)
        yield ""
        yield from wrap(self.legend(), self.width)
        command = "goalkeeper score --as-of DAY"
        yield from wrap(tr("What a day was judged by: {command}", command=command), self.width)

    def legend(self) -> str:
        """What the letters of the strips mean."""
        return tr(
            "{letters}; a letter for 7 days stands for their worst. "
            "A flap is a change of outcome from one verdict to the next."
            if len(self.groups) < len(self.backtest.days)
            else "{letters}. A flap is a change of outcome from one verdict to the next.",
            letters=enumerated(
                say("{letter} {outcome}", letter=letter, outcome=outcome) for outcome, letter in LETTERS.items()
            ),
        )

    def goal(self, goal: GoalPast) -> Iterator[str]:
        last = goal.past.runs[-1].outcome
        yield from self.signed("", (SIGNS[last], STYLES[last]), safe(goal.name), safe(HEADLINES[last]))
        if len(goal.rules) > 1:
            yield from self.past(goal.past, "  ")
        for rule in goal.rules:
            yield from self.rule(rule, named=len(goal.rules) > 1 or rule.rule != goal.name)

    def rule(self, rule: RulePast, *, named: bool) -> Iterator[str]:
        indent = "  "
        if named:
            yield from wrap(safe(rule.rule), self.width, "  ", "  ")
            indent = "    "
        yield from self.past(rule.past, indent, rule.unit)
        if rule.segments:
            yield from self.segments(rule, indent)

    def past(self, past: Past, indent: str, unit: str | None = None) -> Iterator[str]:
        firsts = [_first(past, outcome, unit) for outcome in (Outcome.WARN, Outcome.FAIL)]
        flaps = tr("{count} flap" if past.flaps == 1 else "{count} flaps", count=past.flaps)
        yield from wrap(" · ".join([*firsts, flaps]), self.width, indent, indent)
        yield from wrap(self.counts(past), self.width, indent, indent)
        yield from self.strip(past, indent)

    def counts(self, past: Past) -> str:
        """How many days or weeks were in each state."""
        told = past.states or past.outcomes
        waived = past.outcomes.get(Outcome.WAIVED, 0) if past.states else 0
        if self.backtest.each == "week":
            return tr(
                "weeks: {states} ({count} of them waived)" if waived else "weeks: {states}",
                states=enumerated(say("{weeks} {state}", weeks=n, state=words_of(name)) for name, n in told.items()),
                count=waived,
            )
        return tr(
            "days: {states} ({count} of them waived)" if waived else "days: {states}",
            states=enumerated(say("{days} {state}", days=n, state=words_of(name)) for name, n in told.items()),
            count=waived,
        )

    def strip(self, past: Past, indent: str) -> Iterator[str]:
        """A letter for each day or week, each line with its first day before it."""
        letters = [(group[0], _letter(past, group)) for group in self.groups]
        room = self.width - cells(indent) - 12
        for begin in range(0, len(letters), room):
            part = letters[begin : begin + room]
            text = "".join(
                self.paint(LETTERS[outcome], STYLES[outcome]) if outcome is not None else " " for _, outcome in part
            )
            yield f"{indent}{short_day(part[0][0])}  {in_order_of_time(text)}"

    def segments(self, rule: RulePast, indent: str) -> Iterator[str]:
        """The segments by how long they failed, warned and could not be judged."""
        ordered = sorted(rule.segments, key=_badness, reverse=True)
        shown = ordered if self.verbose else ordered[:SHOWN]
        dimensions = safe(all_of(rule.segments[0].segment))
        heads = [dimensions, tr("warned first"), tr("failed first"), tr("flaps"), *LETTERS.values()]
        rows = [heads, *(_row(one) for one in shown)]
        right = [False, False, False, True, *[True] * len(LETTERS)]
        for number, row in enumerate(table(rows, right, self.width - cells(indent))):
            style = Style.DIM if number == 0 else Style.PLAIN
            yield indent + self.paint("  ".join(row).rstrip(), style)
        rest = ordered[len(shown) :]
        if rest:
            failed = sum(1 for one in rest if one.past.first(Outcome.FAIL) is not None)
            more = tr(
                "and {count} more, {failed} of them failed: --verbose lists them"
                if failed
                else "and {count} more, none of them failed: --verbose lists them",
                count=len(rest),
                failed=failed,
            )
            yield from wrap(more, self.width, indent, indent)


def _first(past: Past, outcome: Outcome, unit: str | None) -> Shown:
    """When something warned or failed first, and at what number."""
    warned = outcome is Outcome.WARN
    run = next((run for run in past.runs if run.outcome is outcome), None)
    if run is None:
        return tr("never warned" if warned else "never failed")
    if run.value is None:
        return tr("warned first on {day}" if warned else "failed first on {day}", day=run.first)
    bounds = [end for end in floats_of(run.target) if end is not None]
    show = side_by_side([run.value, *bounds], unit)
    if not bounds:
        return tr(
            "warned first on {day} (at {value})" if warned else "failed first on {day} (at {value})",
            day=run.first,
            value=show(run.value),
        )
    low, high = show(bounds[0]), show(bounds[-1])
    return tr(
        "warned first on {day} (at {value}, target {target})"
        if warned
        else "failed first on {day} (at {value}, target {target})",
        day=run.first,
        value=show(run.value),
        target=say("{low} to {high}", low=low, high=high) if len(bounds) > 1 else low,
    )


def _groups(backtest: Backtest) -> list[list[date]]:
    """The days that share a letter."""
    days = list(backtest.days)
    if len(days) <= BY_DAY or backtest.each != "day":
        return [[day] for day in days]
    return [days[begin : begin + 7] for begin in range(0, len(days), 7)]


def _letter(past: Past, days: Sequence[date]) -> Outcome | None:
    """The worst outcome of some days, None where there was no verdict."""
    found = [run.outcome for run in past.runs if run.first <= days[-1] and days[0] <= run.last]
    return max(found, key=SEVERITY.index, default=None)


def _badness(one: SegmentPast) -> list[int]:
    days = one.past.outcomes
    return [days.get(outcome, 0) for outcome in (Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE)]


def _row(one: SegmentPast) -> list[str]:
    firsts = [one.past.first(Outcome.WARN), one.past.first(Outcome.FAIL)]
    outcomes = one.past.outcomes
    days = [_count(outcomes.get(outcome, 0)) for outcome in LETTERS]
    told = (tr("never") if day is None else short_day(day) for day in firsts)
    return [segment_text(one.segment), *told, _count(one.past.flaps), *days]


def _count(number: int) -> Shown:
    return safe(Figure(str(number), str(number)))
