"""A backtest as text for a terminal: for each goal and rule when it warned and failed, and a strip of its outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from goalkeeper.backtesting.result import Backtest, GoalPast, Past, RulePast, SegmentPast
from goalkeeper.figures import side_by_side
from goalkeeper.reporters import left_out
from goalkeeper.reporters.layout import Style, cells, paint, sides, signed, table, wrap
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS, STYLES
from goalkeeper.reporters.safe import safe, segment_text
from goalkeeper.verdict import SEVERITY, Bounds, Outcome

NARROWEST = 40
SHOWN = 10
"""How many segments of a rule are listed unless all are asked for."""
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
_TURNS = ((Outcome.WARN, "warned"), (Outcome.FAIL, "failed"))
CAVEAT = "Judged by the rows as they are now: what came late, or was mended since, was not known on the day itself."


def render(backtest: Backtest, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The backtest in lines of at most *width* columns (40 or more); *verbose* lists every segment."""
    page = _Page(backtest, max(width, NARROWEST), color, verbose)
    return "\n".join(line.rstrip() for line in page.lines()) + "\n"


class _Page:
    def __init__(self, backtest: Backtest, width: int, color: bool, verbose: bool) -> None:  # noqa: FBT001  one call
        self.backtest, self.width, self.color, self.verbose = backtest, width, color, verbose
        self.groups = _groups(backtest)

    def lines(self) -> Iterator[str]:
        days = self.backtest.days
        count = f"{len(days)} {self.backtest.each}{'' if len(days) == 1 else 's'}"
        yield paint(sides(f"Backtest as of {days[0]} to {days[-1]}", count, self.width), Style.BOLD, color=self.color)
        yield from wrap(CAVEAT, self.width)
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
        yield from wrap("What a day was judged by: goalkeeper score --as-of DAY", self.width)

    def legend(self) -> str:
        """What the letters of the strips mean."""
        words = ", ".join(f"{letter} {outcome}" for outcome, letter in LETTERS.items())
        one = "; a letter for 7 days stands for their worst" if len(self.groups) < len(self.backtest.days) else ""
        return f"{words}{one}. A flap is a change of outcome from one verdict to the next."

    def goal(self, goal: GoalPast) -> Iterator[str]:
        last = goal.past.runs[-1].outcome
        yield from signed(
            "", (SIGNS[last], STYLES[last]), safe(goal.name), HEADLINES[last], self.width, color=self.color
        )
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
        firsts = [_first(past, outcome, word, unit) for outcome, word in _TURNS]
        flaps = f"{past.flaps} {'flap' if past.flaps == 1 else 'flaps'}"
        yield from wrap(" · ".join([*firsts, flaps]), self.width, indent, indent)
        each = self.backtest.each
        told: dict[str, int] = {str(state): days for state, days in past.states.items()}
        told = told or {str(outcome): days for outcome, days in past.outcomes.items()}
        waived = past.outcomes.get(Outcome.WAIVED, 0)
        parts = [f"{days} {name.replace('_', ' ')}" for name, days in told.items()]
        if waived and past.states:
            parts.append(f"({waived} of them waived)")
        text = f"{each}s: {', '.join(parts)}".replace(", (", " (")
        yield from wrap(text, self.width, indent, indent)
        yield from self.strip(past, indent)

    def strip(self, past: Past, indent: str) -> Iterator[str]:
        """A letter for each day or week, each line with its first day before it."""
        letters = [(group[0], _letter(past, group)) for group in self.groups]
        room = self.width - cells(indent) - 12
        for begin in range(0, len(letters), room):
            part = letters[begin : begin + room]
            text = "".join(
                paint(LETTERS[outcome] if outcome is not None else " ", _style(outcome), color=self.color)
                for _, outcome in part
            )
            yield f"{indent}{part[0][0]}  {text}"

    def segments(self, rule: RulePast, indent: str) -> Iterator[str]:
        """The segments by how long they failed, warned and could not be judged."""
        ordered = sorted(rule.segments, key=_badness, reverse=True)
        shown = ordered if self.verbose else ordered[:SHOWN]
        heads = [" and ".join(rule.segments[0].segment), "warned first", "failed first", "flaps", *"PWF?·~"]
        rows = [heads, *(_row(one) for one in shown)]
        right = [False, False, False, *[True] * 7]
        for number, row in enumerate(table(rows, right, self.width - cells(indent))):
            style = Style.DIM if number == 0 else Style.PLAIN
            yield indent + paint("  ".join(row).rstrip(), style, color=self.color)
        rest = ordered[len(shown) :]
        if rest:
            failed = sum(1 for one in rest if one.past.first(Outcome.FAIL) is not None)
            what = f"{failed} of them failed" if failed else "none of them failed"
            yield from wrap(f"and {len(rest)} more, {what}: --verbose lists them", self.width, indent, indent)


def _first(past: Past, outcome: Outcome, word: str, unit: str | None) -> str:
    """When something had an outcome first, and at what number."""
    run = next((run for run in past.runs if run.outcome is outcome), None)
    if run is None:
        return f"never {word}"
    if run.value is None:
        return f"{word} first on {run.first}"
    ends = [run.target.low, run.target.high] if isinstance(run.target, Bounds) else [run.target]
    bounds = [end for end in ends if end is not None]
    show = side_by_side([run.value, *bounds], unit)
    against = f", target {' to '.join(map(show, bounds))}" if bounds else ""
    return f"{word} first on {run.first} (at {show(run.value)}{against})"


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


def _style(outcome: Outcome | None) -> Style:
    return Style.PLAIN if outcome is None else STYLES[outcome]


def _badness(one: SegmentPast) -> tuple[int, int, int]:
    days = one.past.outcomes
    return tuple(days.get(outcome, 0) for outcome in (Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE))  # type: ignore[return-value]


def _row(one: SegmentPast) -> list[str]:
    firsts = [one.past.first(Outcome.WARN), one.past.first(Outcome.FAIL)]
    days = [str(one.past.outcomes.get(outcome, 0)) for outcome in LETTERS]
    return [segment_text(one.segment), *(str(day or "never") for day in firsts), str(one.past.flaps), *days]
