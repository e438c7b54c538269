"""Single answers of a worksheet: read, or refused with the cure."""

from __future__ import annotations

from collections.abc import Sequence

from goalkeeper.dates import parse_date, parse_duration, parse_period
from goalkeeper.problems import did_you_mean
from goalkeeper.quantity import parse_quantity
from goalkeeper.report import FUNNEL
from goalkeeper.said import say
from goalkeeper.units import currency_of, parse_unit
from goalkeeper.worksheet.sheet import Fault

_MOST_HOURS = 168 * 100
"""The hours in the week of a hundred people."""


def listed(answer: str) -> list[str]:
    """The texts between the commas of an answer, Persian ones among them."""
    return [text.strip() for text in answer.replace("،", ",").split(",") if text.strip()]


def in_words(form: str) -> str:
    """A way to write days, for people: `day/month/year`."""
    written, sign, clock = form[:8], form[2:3], form[8:]
    if written == f"%d{sign}%m{sign}%Y":
        return say("day{sign}month{sign}year{clock}", sign=sign, clock=clock)
    return say("month{sign}day{sign}year{clock}", sign=sign, clock=clock)


def read_names(answer: str, known: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns that an answer names."""
    for name in listed(answer):
        if name not in known:
            raise Fault(say("'{name}' is no column that tells rows apart", name=name), did_you_mean(name, known))
    return tuple(dict.fromkeys(listed(answer)))


def read_currency(answer: str) -> str:
    """A currency; nothing where nothing is said."""
    unit = parse_unit(answer) if answer else None
    if answer and (unit is None or currency_of(unit) != unit):
        raise Fault(
            say("'{answer}' is no currency that is known", answer=answer),
            say("write its code, such as EUR, USD or IRR, or toman"),
        )
    return unit.name if unit else ""


def read_hours(answer: str) -> str:
    """A number of hours a week; nothing where nothing is said."""
    if not answer:
        return ""
    try:
        quantity = parse_quantity(answer.lower().removesuffix("a week").strip())
    except ValueError as error:
        raise Fault(str(error), say("write a number, such as 12")) from None
    if quantity.unit not in {None, "hours"} or not 0 < quantity.value <= _MOST_HOURS:
        raise Fault(say("'{answer}' is no number of hours", answer=answer), say("write a number, such as 12"))
    return f"{quantity.value:g}"


def read_stage(answer: str) -> str:
    """A stage of the funnel; a dash, or nothing, is none."""
    if answer in {"", "-"}:
        return ""
    if answer.casefold() not in FUNNEL:
        raise Fault(say("'{answer}' is none of the stages", answer=answer), did_you_mean(answer, FUNNEL))
    return answer.casefold()


def read_owner(answer: str) -> str:
    """Who answers for a goal; a dash is nobody."""
    return "" if answer == "-" else answer


def read_day(answer: str) -> str:
    """A day, as it is written."""
    try:
        parse_date(answer)
    except ValueError as error:
        raise Fault(str(error)) from None
    return answer


def read_start(answer: str, end: str | None) -> str:
    """A first day, which does not come after the last one."""
    start = read_day(answer)
    if end is not None and parse_date(end) < parse_date(start):
        raise Fault(say("that is after its last day, {end}", end=end))
    return start


def read_period(answer: str) -> str | dict[str, str]:
    """A period, or the length or last day of one, as an answer says it.

    Raises:
        Fault: when it is none of them.
    """
    for key, read in (("length", parse_duration), ("end", parse_date)):
        try:
            read(answer)
        except ValueError:
            continue
        return {key: answer}
    try:
        parse_period(answer)
    except ValueError:
        forms = say("write a length (3 months), a last day (2026-06-30), a quarter (2026-Q2) or a month (2026-04)")
        raise Fault(say("'{answer}' is no length, day or period", answer=answer), forms) from None
    return answer
