"""The history as text: each goal and rule over time, what turned, and what could be tightened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from goalkeeper.figures import side_by_side
from goalkeeper.history import tighten
from goalkeeper.history.trends import GoalTrend, Point, RuleTrend, Trend, Turn
from goalkeeper.quantity import format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.reporters.layout import Page, Style, cells, cut, sides, signed, wrap
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS, STYLES
from goalkeeper.reporters.safe import safe, segment_text
from goalkeeper.verdict import SEVERITY, Segment

NARROWEST = 40
ROOMY = 60
SHOWN = 10
"""How many segments of a rule, and how many days of changed files, are listed."""
MOST_SIGNS = 60
"""How many as-of days a strip shows at most."""
_STEPS = "▁▂▃▄▅▆▇█"
LEGEND = ", ".join(f"{SIGNS[outcome]} {outcome}" for outcome in reversed(SEVERITY))


def render(name: str, goals: Sequence[GoalTrend], *, width: int = 80, color: bool = False) -> str:
    """The goals over time, as the history *name* has them, in lines of at most *width* columns."""
    page = _Page(max(width, NARROWEST), color=color)
    return "\n".join(line.rstrip() for line in page.history(name, goals)) + "\n"


def render_suggestions(
    name: str, goals: Sequence[GoalTrend], found: Sequence[tighten.Suggestion], *, width: int = 80, color: bool = False
) -> str:
    """What could be tightened."""
    page = _Page(max(width, NARROWEST), color=color)
    return "\n".join(line.rstrip() for line in page.suggested(name, goals, found)) + "\n"


class _Page(Page):
    """The parts of the page, for one width."""

    def __init__(self, width: int, *, color: bool) -> None:
        super().__init__(width, color=color)
        self.names: Mapping[str, str] = {}

    def dim(self, text: str, indent: str) -> Iterator[str]:
        for line in wrap(text, self.width, indent):
            yield self.paint(line, Style.DIM)

    def head(self, name: str, goals: Sequence[GoalTrend]) -> Iterator[str]:
        days = sorted({point.as_of for goal in goals for point in goal.trend.points})
        yield self.paint(cut(f"History {safe(name)}", self.width), Style.BOLD)
        if days:
            span = f"as of {days[0]}" if len(days) == 1 else f"as of {len(days)} days from {days[0]} to {days[-1]}"
            yield from wrap(f"{_count(len(goals), 'goal')}, {span}", self.width)

    def history(self, name: str, goals: Sequence[GoalTrend]) -> Iterator[str]:
        yield from self.head(name, goals)
        yield from self.dim(f"a sign for each as-of, the latest at the right: {LEGEND}", "")
        self.names = {goal.goal.id: goal.goal.name for goal in goals}
        for goal in goals:
            yield ""
            yield from self.goal(goal)
        yield ""
        yield from self.turned(goals)

    def goal(self, goal: GoalTrend) -> Iterator[str]:
        outcome = goal.goal.outcome
        word = f"{SIGNS[outcome]} {HEADLINES[outcome]}"
        since = f"since {goal.trend.since}"
        names = list(wrap(safe(goal.goal.name), self.width - cells(word) - cells(since) - 4)) or [""]
        first = sides(f"{word}  {names[0]}", since, self.width)
        yield self.paint(first[: len(word)], Style.BOLD, STYLES[outcome]) + self.paint(first[len(word) :], Style.BOLD)
        for line in names[1:]:
            yield " " * (len(word) + 2) + self.paint(line, Style.BOLD)
        yield from self.strip(goal.trend, "  ")
        if goal.changed:
            shown = ", ".join(str(day) for day in goal.changed[-SHOWN:])
            more = f"{len(goal.changed) - SHOWN} times before, and " if len(goal.changed) > SHOWN else ""
            yield from self.dim(f"the goal files were changed: {more}{shown}", "  ")
        for rule in goal.rules:
            yield ""
            yield from self.rule(rule, goal.trend.points[0])

    def rule(self, rule: RuleTrend, first: Point) -> Iterator[str]:
        last = rule.trend.last
        text = f"{safe(self.said(rule.rule.rule, rule.rule.child))}{' (key)' if rule.rule.key else ''}"
        if rule.ended:
            yield from signed(
                "  ", (SIGNS[last.outcome], Style.DIM), text, f"until {last.as_of}", self.width, color=self.color
            )
            yield from self.dim(f"not in the goal any more; the last was {_words(last.state)}", "    ")
            return
        yield from self.lasting(rule.trend, text, "  ")
        yield from self.strip(rule.trend, "    ")
        if rule.begun:
            yield from self.dim(
                f"in the goal since {rule.trend.points[0].as_of}; the goal is known since {first.as_of}", "    "
            )
        if rule.segments:
            yield from self.segments(rule)
        else:
            yield from self.values(rule.trend, "    ")

    def lasting(self, trend: Trend, text: str, indent: str) -> Iterator[str]:
        """What is in which state since when; on a narrow page the day has a line of its own."""
        sign = (SIGNS[trend.last.outcome], STYLES[trend.last.outcome])
        state, since = _words(trend.last.state), f"since {trend.in_state_since}"
        wide = self.width >= ROOMY
        yield from signed(indent, sign, text, f"{state} {since}" if wide else state, self.width, color=self.color)
        if not wide:
            yield f"{indent}  {since}"

    def said(self, rule: str, child: str | None) -> str:
        """The text of a rule; of one about another goal its name."""
        return rule if child is None else self.names.get(child, rule)

    def segments(self, rule: RuleTrend) -> Iterator[str]:
        """The segments of the latest look, the worst first."""
        latest = rule.trend.last.as_of
        there = [(segment, trend) for segment, trend in rule.segments if trend.last.as_of == latest]
        there.sort(key=lambda pair: -SEVERITY.index(pair[1].last.outcome))
        for segment, trend in islice(there, SHOWN):
            yield from self.segment(segment, trend)
        rest = [f"{n} more" for n in [len(there) - SHOWN] if n > 0]
        gone = len(rule.segments) - len(there)
        rest += [f"{gone} not there any more"] if gone else []
        if rest:
            yield from self.dim(f"and {', '.join(rest)}", "      ")

    def segment(self, segment: Segment, trend: Trend) -> Iterator[str]:
        yield from self.lasting(trend, segment_text(segment), "      ")
        yield from self.strip(trend, "        ", told=False)
        yield from self.values(trend, "        ")

    def strip(self, trend: Trend, indent: str, *, told: bool = True) -> Iterator[str]:
        """A sign for each as-of, in its colour, and how many days each state lasted."""
        points = self.latest(trend, indent)
        before = "…" if len(points) < len(trend.points) else ""
        signs = "".join(self.paint(SIGNS[point.outcome], STYLES[point.outcome]) for point in points)
        days = ", ".join(f"{_words(state)} {_count(n, 'day')}" for state, n in trend.days.items()) if told else ""
        if cells(before) + len(points) + 2 + cells(days) <= self.width - len(indent):
            yield f"{indent}{before}{signs}  {days}"
        else:
            yield f"{indent}{before}{signs}"
            yield from wrap(days, self.width, indent)

    def latest(self, trend: Trend, indent: str) -> Sequence[Point]:
        """The points that a strip has room for."""
        return trend.points[-min(self.width - len(indent) - 1, MOST_SIGNS) :]

    def values(self, trend: Trend, indent: str) -> Iterator[str]:
        """The values from the first to the latest, as a curve and in words, and what the latest is held against."""
        verdicts = [point.verdict for point in trend.points if point.verdict is not None]
        numbers = [verdict.value for verdict in verdicts if isinstance(verdict.value, float)]
        if not numbers or verdicts[-1].kind == "child":
            return
        last = verdicts[-1]
        show = side_by_side([*phrases.floats_of(last.value, last.target), numbers[0], numbers[-1]], last.unit)
        against = phrases.against(last)
        was = f"{show(numbers[0])} → {show(numbers[-1])}" if len(numbers) > 1 else show(numbers[0])
        missing = "" if isinstance(last.value, float) else " (the latest has no number)"
        shown = self.latest(trend, indent)
        curve = " " * (len(shown) < len(trend.points)) + _curve([_value(point) for point in shown])
        text = f"{was}{missing}{f', {against}' if against else ''}"
        if len(indent) + len(curve) + 2 + cells(text) <= self.width:
            yield f"{indent}{curve}{'  ' if curve else ''}{text}"
        else:
            yield from [f"{indent}{curve}"] if curve.strip() else []
            yield from wrap(text, self.width, indent)

    def turned(self, goals: Sequence[GoalTrend]) -> Iterator[str]:
        latest = max((goal.trend.last.as_of for goal in goals), default=None)
        turns = [turn for goal in goals for turn in goal.turns if turn.as_of == latest]
        if not turns:
            yield from wrap(f"Nothing turned with the latest scorecard, as of {latest}.", self.width)
            return
        for line in wrap(f"Turned with the latest scorecard, as of {latest}", self.width):
            yield self.paint(line, Style.BOLD)
        for turn in turns:
            style = STYLES[turn.now] if turn.now else Style.DIM
            sign = SIGNS[turn.now] if turn.now else " "
            yield from signed("  ", (sign, style), safe(_what(turn)), _way(turn), self.width, color=self.color)

    def suggested(self, name: str, goals: Sequence[GoalTrend], found: Sequence[tighten.Suggestion]) -> Iterator[str]:
        yield from self.head(name, goals)
        yield ""
        demand = f"{tighten.ROOM:.0%} to spare in {tighten.LOOKS} scorecards over {tighten.DAYS} days"
        if not found:
            yield from wrap(f"Nothing to tighten: no rule passed with {demand}.", self.width)
            return
        yield from wrap(f"Could be tightened: passed with {demand}, or more", self.width)
        for one in found:
            yield ""
            yield from wrap(f"{safe(one.goal_name)}: {safe(one.rule)}", self.width, "  ", "    ")
            show = side_by_side([one.worst, one.target, one.level], one.unit)
            side = "at least" if one.level > one.target else "at most"
            came = f"{'projected to ' if one.projected else ''}{side} {show(one.worst)}"
            text = f"{came} in each of {one.looks} scorecards, as of {one.since} to {one.until}"
            yield from wrap(text, self.width, "    - ", "      ")
            asks = safe(one.sentence) if one.sentence else f"a target of {format_quantity(one.level, one.unit)}"
            yield from wrap(f"could be: {asks}", self.width, "    - ", "      ")
            if one.location is not None:
                yield from self.dim(f"{safe(one.location.file)}:{one.location.line}", "    ")


def _what(turn: Turn) -> str:
    if turn.rule is None:
        return turn.goal_name
    return f"{turn.rule}: {segment_text(turn.segment)}" if turn.segment else turn.rule


def _way(turn: Turn) -> str:
    was, now = turn.was or "new", turn.now or "gone"
    return f"{was} → {now}"


def _value(point: Point) -> float | None:
    value = point.verdict.value if point.verdict is not None else None
    return value if isinstance(value, float) else None


def _curve(numbers: Sequence[float | None]) -> str:
    """The numbers as bars between the least and the most of them, gaps where there is none."""
    there = [number for number in numbers if number is not None]
    if len(there) < 2:
        return ""
    least, width = min(there), max(there) - min(there)
    steps = [None if n is None else int((n - least) / width * (len(_STEPS) - 1) + 0.5) if width else 3 for n in numbers]
    return "".join(" " if step is None else _STEPS[step] for step in steps)


def _words(state: str) -> str:
    return state.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
