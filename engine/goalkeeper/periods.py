"""The one period of a goal, from wherever it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from msgspec.structs import replace

from goalkeeper import model
from goalkeeper.calendar import DAY, Calendar, System, Window
from goalkeeper.dates import is_fiscal, parse_date, parse_duration, parse_period, system_in
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.project import Placed
from goalkeeper.reading import Said
from goalkeeper.said import say
from goalkeeper.statements import Change, KpiRule, LastYear, Rule
from goalkeeper.verdict import ExcludedNote


def period_of(
    placed: Placed[model.Goal], said: list[Said], kinds: list[str], calendar: Calendar, problems: list[Problem]
) -> Window | None:
    """The goal's one period, None for a standing goal; what is wrong with it goes to *problems*."""
    goal = placed.written
    own = [part for one in said for part in (one.within, one.until) if part]
    if goal.period is not None:
        place = placed.at("period")
        extra = [span for _, span in own] + ([placed.at("start", key=True)] if goal.start else [])
        if extra:
            others = (Related(say("said here too"), span) for span in extra[1:])
            related = (Related(say("the goal's period"), place), *others)
            message = say("two periods: the goal says another one")
            problems.append(Problem("GK402", message, extra[0], say("say it once"), related=related))
        return _attempt(lambda: _written_period(placed, calendar, problems), place, problems)
    if len(own) > 1:
        for _, span in own[1:]:
            problems.append(
                Problem(
                    "GK402",
                    say("two periods in one goal"),
                    span,
                    say("put one period: over the rules"),
                    related=(Related(say("the first"), own[0][1]),),
                )
            )
        return None
    if own and len(said) > 1:
        cure = say("put it over all of them, as period:")
        problems.append(Problem("GK402", say("one rule of several says the period"), own[0][1], cure))
        return None
    if own:
        return _attempt(
            lambda: _sentence_period(placed, said[0] if len(said) == 1 else Said(), calendar, problems),
            own[0][1],
            problems,
        )
    unread = bool(problems) and "unknown" in kinds  # what could not be read may say the period
    if goal.start is not None:
        if unread:
            return None
        problems.append(
            Problem(
                "GK401",
                say("the goal starts but does not end"),
                placed.at("start"),
                say("add 'in 3 months' to its rule, or use period:"),
            )
        )
        return None
    for number, kind in enumerate(kinds):
        if kind in {"change", "reach"} or (kind == "unknown" and not unread):
            path = ("rule",) if goal.rule is not None else ("rules", number)
            problems.append(
                Problem(
                    "GK401",
                    say("the rule has no period"),
                    placed.at(*path),
                    say("add 'in 3 months' to it and start: to the goal, or period: 2026-Q2 to the goal"),
                )
            )
    return None


def calendar_of(goal: model.Goal, said: list[Said], calendar: Calendar) -> Calendar:
    """The calendar that a goal counts months and years in: that of a period it names, else that of its first day."""
    named = [str(text) for one in said for part in (one.within,) if part for text in (part[0],)]
    if goal.period is not None and not isinstance(goal.period, model.Period):
        named.insert(0, str(goal.period))
    for text in named:
        system = system_in(text)
        if system is not None:
            return calendar if " to " in text and system is System.GREGORIAN else replace(calendar, system=system)
    start = goal.period.start if isinstance(goal.period, model.Period) else goal.start
    return _calendar_of(start, calendar)


def _calendar_of(start: str | None, calendar: Calendar) -> Calendar:
    """The calendar that lengths are counted in from a first day: Jalali for a Jalali day, else the file's."""
    return replace(calendar, system=System.JALALI) if start and system_in(start) is System.JALALI else calendar


def _attempt(read: Callable[[], Window | None], place: Span, problems: list[Problem]) -> Window | None:
    try:
        window = read()
    except (ValueError, OverflowError) as error:
        problems.append(Problem("GK210", str(error), place))
        return None
    return window


def _written_period(placed: Placed[model.Goal], calendar: Calendar, problems: list[Problem]) -> Window | None:
    period = placed.written.period
    if not isinstance(period, model.Period):
        return parse_period(str(period), calendar)
    if period.length is not None and period.end is not None:
        problems.append(
            Problem(
                "GK402",
                say("a period has a length or an end, not both"),
                placed.at("period", "end", key=True),
                say("take one out"),
            )
        )
        return None
    if period.length is None and period.end is None:
        problems.append(
            Problem(
                "GK401",
                say("the period does not end"),
                placed.at("period"),
                say("add length: 3 months, or end: with its last day"),
            )
        )
        return None
    start = day_of(period.start, placed.at("period", "start"), problems)
    if start is None:
        return None
    if period.length is not None:
        return _attempt(
            lambda: _calendar_of(period.start, calendar).after(start, parse_duration(period.length or "")),
            placed.at("period", "length"),
            problems,
        )
    end = day_of(period.end or "", placed.at("period", "end"), problems)
    return _between(start, end, placed.at("period", "end"), problems)


def _between(start: date, end: date | None, place: Span, problems: list[Problem]) -> Window | None:
    if end is not None and end < start:
        message = say("the period ends on {end}, before it starts on {start}", end=end, start=start)
        problems.append(Problem("GK405", message, place))
        return None
    return None if end is None else Window(start, end)


def day_of(text: str, place: Span, problems: list[Problem]) -> date | None:
    """The day that *text* says; what is wrong with it goes to *problems*."""
    try:
        return parse_date(text)
    except ValueError as error:
        problems.append(Problem("GK210", str(error), place))
        return None


def baseline_before(rule: Rule, said: Said, period: Window, calendar: Calendar) -> Iterator[Problem]:
    """The problem of a baseline that is not over when the goal's period begins: it has no number to start from."""
    if not isinstance(rule, KpiRule) or not isinstance(rule.ask, Change):
        return
    match rule.versus:
        case Window() as baseline:
            pass
        case LastYear() if rule.each is None:
            baseline = calendar.last_year(period)
        case _:
            return
    if baseline.last >= period.first:
        message = say(
            "the baseline {baseline} comes after the period of the goal, {period}"
            if baseline.first > period.last
            else "the baseline {baseline} overlaps the period of the goal, {period}",
            baseline=baseline,
            period=period,
        )
        place = said.versus[1] if said.versus else rule.location
        cure = say("compare with days before {day}, such as versus previous period", day=period.first)
        yield Problem("GK405", message, place, cure)


def excluded_days(placed: Placed[model.Goal], problems: list[Problem]) -> tuple[ExcludedNote, ...]:
    """The stretches of days that a goal leaves out, as written."""
    found: list[ExcludedNote] = []
    for number, stretch in enumerate(placed.written.exclude_days):
        days = stretch_of(stretch.from_, stretch.to, placed, ("exclude_days", number), problems)
        if days is not None:
            found.append(ExcludedNote(*days, stretch.reason))
    return tuple(found)


def stretch_of(
    from_: str, to: str | None, placed: Placed[Any], path: tuple[str | int, ...], problems: list[Problem]
) -> tuple[date, date] | None:
    """The first and last day that `from` and `to` say; without `to` they are one."""
    first = day_of(from_, placed.at(*path, "from"), problems)
    last = day_of(to, placed.at(*path, "to"), problems) if to else first
    if first is None or last is None:
        return None
    if last < first:
        text = say("the days end on {end}, before they start on {start}", end=last, start=first)
        problems.append(Problem("GK405", text, placed.at(*path)))
        return None
    return first, last


def apart(excluded: tuple[ExcludedNote, ...]) -> tuple[tuple[date, date], ...]:
    """The excluded days in order, as stretches that do not touch."""
    found: list[tuple[date, date]] = []
    for first, last in sorted((note.first, note.last) for note in excluded):
        if found and first <= found[-1][1] + DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _sentence_period(
    placed: Placed[model.Goal], said: Said, calendar: Calendar, problems: list[Problem]
) -> Window | None:
    start_text = placed.written.start
    if said.within:
        text, place = said.within
        try:
            length = parse_duration(text)
        except ValueError as not_a_length:
            try:
                named = parse_period(text, calendar)
            except ValueError as not_a_period:
                raise (not_a_period if is_fiscal(text) else not_a_length) from None
            if start_text is not None:
                problems.append(
                    Problem(
                        "GK402",
                        say("two periods: the rule names one, and the goal has a start"),
                        placed.at("start", key=True),
                        say("take start: out"),
                    )
                )
            return named
        start = _start(placed, place, problems)
        return _calendar_of(start_text, calendar).after(start, length) if start else None
    text, place = said.until or ("", placed.at())
    start = _start(placed, place, problems)
    end = day_of(text, place, problems)
    return _between(start, end, place, problems) if start else None


def _start(placed: Placed[model.Goal], place: Span, problems: list[Problem]) -> date | None:
    if placed.written.start is None:
        problems.append(
            Problem(
                "GK401",
                say("the goal does not say when it starts"),
                place,
                say("add start: with its first day, such as 2026-04-01"),
            )
        )
        return None
    return day_of(placed.written.start, placed.at("start"), problems)
