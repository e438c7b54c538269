"""The history as text: each goal and rule over time, what turned, and what could be tightened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from goalkeeper.calendar import Window
from goalkeeper.figures import side_by_side
from goalkeeper.history import tighten
from goalkeeper.history.trends import GoalTrend, Point, RuleTrend, Trend, Turn
from goalkeeper.languages import Shown, tr
from goalkeeper.limits import HISTORY_ROWS as SHOWN
from goalkeeper.quantity import format_quantity
from goalkeeper.reporters import phrases
from goalkeeper.reporters.layout import (
    NARROWEST,
    Page,
    Style,
    as_page,
    cells,
    cut,
    in_order_of_time,
    wrap,
)
from goalkeeper.reporters.outcomes import SIGNS, STYLES, headline
from goalkeeper.reporters.safe import place, safe, segment_text
from goalkeeper.said import Listed, enumerated, say
from goalkeeper.verdict import SEVERITY, Segment

ROOMY = 60
MOST_SIGNS = 60
"""How many as-of days a strip shows at most."""
_STEPS = "▁▂▃▄▅▆▇█"
LEGEND = enumerated(say("{letter} {outcome}", letter=SIGNS[one], outcome=one) for one in reversed(SEVERITY))


def render(name: str, goals: Sequence[GoalTrend], *, width: int = 80, color: bool = False) -> str:
    """The goals over time, as the history *name* has them, in lines of at most *width* columns."""
    return as_page(_Page(width, color=color).history(name, goals))


def render_suggestions(
    name: str, goals: Sequence[GoalTrend], found: Sequence[tighten.Suggestion], *, width: int = 80, color: bool = False
) -> str:
    """What could be tightened."""
    return as_page(_Page(width, color=color).suggested(name, goals, found))


class _Page(Page):
    """The parts of the page, for one width."""

    def __init__(self, width: int, *, color: bool) -> None:
        super().__init__(width, color=color)
        self.names: Mapping[str, str] = {}

    def head(self, name: str, goals: Sequence[GoalTrend]) -> Iterator[str]:
        days = sorted({point.as_of for goal in goals for point in goal.trend.points})
        yield self.paint(cut(tr("History {name}", name=name), self.width), Style.BOLD)
        if days:
            count = say("{count:,} goal" if len(goals) == 1 else "{count:,} goals", count=len(goals))
            span = say(
                "as of {days}" if len(days) == 1 else "as of {count} days from {days}",
                count=len(days),
                days=days[0] if len(days) == 1 else Window(days[0], days[-1]),
            )
            yield from wrap(safe(enumerated([count, span])), self.width)

    def history(self, name: str, goals: Sequence[GoalTrend]) -> Iterator[str]:
        yield from self.head(name, goals)
        yield from self.dim(tr("a sign for each as-of, the latest at the right: {signs}", signs=LEGEND), "")
        self.names = {goal.goal.id: goal.goal.name for goal in goals}
        for goal in goals:
            yield ""
            yield from self.goal(goal)
        yield ""
        yield from self.turned(goals)

    def goal(self, goal: GoalTrend) -> Iterator[str]:
        outcome = goal.goal.outcome
        since = tr("since {day}", day=goal.trend.since)
        right = since if self.fits(since) else ""
        yield from self.headed((headline(outcome), STYLES[outcome]), safe(goal.goal.name), right)
        if not right:
            yield f"  {since}"
        yield from self.strip(goal.trend, "  ")
        if goal.changed:
            changed = tr(
                "the goal files were changed: {count} times before, and {days}"
                if len(goal.changed) > SHOWN
                else "the goal files were changed: {days}",
                count=len(goal.changed) - SHOWN,
                days=enumerated(say("{day}", day=day) for day in goal.changed[-SHOWN:]),
            )
            yield from self.dim(changed, "  ")
        for rule in goal.rules:
            yield ""
            yield from self.rule(rule, goal.trend.points[0])

    def rule(self, rule: RuleTrend, first: Point) -> Iterator[str]:
        last = rule.trend.last
        text = safe(self.said(rule.rule.rule, rule.rule.child))
        if rule.rule.key:
            text = tr("{rule} (key)", rule=text)
        if rule.ended:
            until = tr("until {day}", day=last.as_of)
            sign, right = (SIGNS[last.outcome], Style.DIM), until if self.fits(until) else ""
            yield from self.signed("  ", sign, text, right)
            if not right:
                yield f"    {until}"
            gone = tr("not in the goal any more; the last was {state}", state=phrases.words_of(last.state))
            yield from self.dim(gone, "    ")
            return
        yield from self.lasting(rule.trend, text, "  ")
        yield from self.strip(rule.trend, "    ")
        if rule.begun:
            since, known = rule.trend.points[0].as_of, first.as_of
            begun = tr("in the goal since {day}; the goal is known since {known}", day=since, known=known)
            yield from self.dim(begun, "    ")
        if rule.segments:
            yield from self.segments(rule)
        else:
            yield from self.values(rule.trend, "    ")

    def fits(self, day: str) -> bool:
        """Whether there is room for a day at the right edge; in some languages it is told in two calendars."""
        return self.width >= ROOMY or cells(day) <= NARROWEST // 2

    def lasting(self, trend: Trend, text: str, indent: str) -> Iterator[str]:
        """What is in which state since when; on a narrow page the day has a line of its own."""
        sign = (SIGNS[trend.last.outcome], STYLES[trend.last.outcome])
        state, since = phrases.words_of(trend.last.state), trend.in_state_since
        wide = self.width >= ROOMY
        right = tr("{state} since {day}", state=state, day=since) if wide else safe(state)
        yield from self.signed(indent, sign, text, right)
        if not wide:
            yield f"{indent}  {tr('since {day}', day=since)}"

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
        more, gone = len(there) - SHOWN, len(rule.segments) - len(there)
        rest = [say("{count} more", count=more)] if more > 0 else []
        rest += [say("{count} not there any more", count=gone)] if gone else []
        if rest:
            yield from self.dim(tr("and {others}", others=enumerated(rest)), "      ")

    def segment(self, segment: Segment, trend: Trend) -> Iterator[str]:
        yield from self.lasting(trend, segment_text(segment), "      ")
        yield from self.strip(trend, "        ", told=False)
        yield from self.values(trend, "        ")

    def strip(self, trend: Trend, indent: str, *, told: bool = True) -> Iterator[str]:
        """A sign for each as-of, in its colour, and how many days each state lasted."""
        points = self.latest(trend, indent)
        before = "…" if len(points) < len(trend.points) else ""
        signs = "".join(self.paint(SIGNS[point.outcome], STYLES[point.outcome]) for point in points)
        days = safe(_lengths(trend.days)) if told else ""
        if cells(before) + len(points) + 2 + cells(days) <= self.width - len(indent):
            yield f"{indent}{in_order_of_time(before + signs)}  {days}"
        else:
            yield f"{indent}{in_order_of_time(before + signs)}"
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
        text = safe(show(numbers[0]))
        if len(numbers) > 1:
            text = tr("{was} → {now}", was=show(numbers[0]), now=show(numbers[-1]))
        if not isinstance(last.value, float):
            text = tr("{numbers} (the latest has no number)", numbers=text)
        against = phrases.against(last)
        if against:
            text = tr("{value}, {against}", value=text, against=against)
        shown = self.latest(trend, indent)
        curve = " " * (len(shown) < len(trend.points)) + _curve([_value(point) for point in shown])
        if len(indent) + len(curve) + 2 + cells(text) <= self.width:
            yield f"{indent}{in_order_of_time(curve)}{'  ' if curve else ''}{text}"
        else:
            yield from [f"{indent}{in_order_of_time(curve)}"] if curve.strip() else []
            yield from wrap(text, self.width, indent)

    def turned(self, goals: Sequence[GoalTrend]) -> Iterator[str]:
        latest = max((goal.trend.last.as_of for goal in goals), default=None)
        turns = [turn for goal in goals for turn in goal.turns if turn.as_of == latest]
        if not turns:
            yield from wrap(tr("Nothing turned with the latest scorecard, as of {day}.", day=latest), self.width)
            return
        yield from self.painted(tr("Turned with the latest scorecard, as of {day}", day=latest), Style.BOLD)
        for turn in turns:
            style = STYLES[turn.now] if turn.now else Style.DIM
            sign = SIGNS[turn.now] if turn.now else " "
            yield from self.signed("  ", (sign, style), _what(turn), _way(turn))

    def suggested(self, name: str, goals: Sequence[GoalTrend], found: Sequence[tighten.Suggestion]) -> Iterator[str]:
        yield from self.head(name, goals)
        yield ""
        demand = say(
            "{share:.0%} to spare in {count} scorecards over {days} days",
            share=tighten.ROOM,
            count=tighten.LOOKS,
            days=tighten.DAYS,
        )
        if not found:
            yield from wrap(tr("Nothing to tighten: no rule passed with {demand}.", demand=demand), self.width)
            return
        yield from wrap(tr("Could be tightened: passed with {demand}, or more", demand=demand), self.width)
        for one in found:
            yield ""
            yield from wrap(tr("{goal}: {rule}", goal=one.goal_name, rule=one.rule), self.width, "  ", "    ")
            yield from wrap(_came(one), self.width, "    - ", "      ")
            asks = one.sentence or say("a target of {number}", number=format_quantity(one.level, one.unit))
            yield from wrap(tr("could be: {rule}", rule=asks), self.width, "    - ", "      ")
            yield from self.dim(place(one.location))


def _came(one: tighten.Suggestion) -> Shown:
    """How near a rule came to its target at the worst, in how many scorecards."""
    show = side_by_side([one.worst, one.target, one.level], one.unit)
    told = {"number": show(one.worst), "count": one.looks, "days": Window(one.since, one.until)}
    if one.projected:
        return tr(
            "projected to at least {number} in each of {count} scorecards, as of {days}"
            if one.level > one.target
            else "projected to at most {number} in each of {count} scorecards, as of {days}",
            **told,
        )
    return tr(
        "at least {number} in each of {count} scorecards, as of {days}"
        if one.level > one.target
        else "at most {number} in each of {count} scorecards, as of {days}",
        **told,
    )


def _what(turn: Turn) -> Shown:
    if turn.rule is None:
        return safe(turn.goal_name)
    if not turn.segment:
        return safe(turn.rule)
    return tr("{rule}: {segment}", rule=turn.rule, segment=segment_text(turn.segment))


def _way(turn: Turn) -> Shown:
    return tr("{was} → {now}", was=turn.was or say("new"), now=turn.now or say("gone"))


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


def _lengths(days: Mapping[str, int]) -> Listed:
    """How many days there were in each state."""
    return enumerated(
        say(
            "{state} {count:,} day" if count == 1 else "{state} {count:,} days",
            state=phrases.words_of(state),
            count=count,
        )
        for state, count in days.items()
    )
