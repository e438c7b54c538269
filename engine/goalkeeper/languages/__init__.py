"""What people read, in the language that they asked for.

English stands in the code. Any other language is a folder beside this file: `language.yaml` says how it writes numbers,
days and lists, and every other file in it has texts, each under its English template. While a language is `speaking`,
`tr` says a template in it, and `shown` what was said before (`said.say`). Everything that comes from files is put in
sight and isolated, so that it moves nothing around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from string import Formatter
from typing import Any

from msgspec import Struct

from goalkeeper.calendar import Duration, Window
from goalkeeper.said import Figure, Listed, Part, PeriodName, Said, UnitName
from goalkeeper.unseen import visible

CODES = ("en", "fa")
"""The languages that reports are made in."""
DIGITS = ("own", "latin")
"""The digits of a report: those of its language, or 0 to 9."""

LEFT_TO_RIGHT, RIGHT_TO_LEFT, BY_FIRST_LETTER, END = "\u2066", "\u2067", "\u2068", "\u2069"
"""What isolates a stretch of text, so that it moves nothing around it, and what ends it."""


class Shown(str):
    """A text as people see it: in their language, and nothing in it hidden."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


class Language(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """How a language writes what stands in its texts, and its texts by their English templates."""

    code: str
    direction: str
    digits: str = "0123456789"
    decimal: str = "."
    group: str = ","
    percent: str = "%"
    minus: str = "-"
    separator: str = ", "
    conjunction: str = " and "
    until: str = " to "
    quotes: tuple[str, str] = ("'", "'")
    jalali_months: Sequence[str] = ()
    """The names of the months, where days are told in the Jalali calendar beside the Gregorian one."""
    quarters: Sequence[str] = ()
    """The names of the quarters of a Jalali year."""
    texts: Mapping[str, str] = {}

    @cached_property
    def own_digits(self) -> Mapping[int, str]:
        """What its digits are for 0 to 9."""
        return dict(zip(map(ord, "0123456789"), self.digits, strict=True))

    @cached_property
    def own_signs(self) -> Mapping[int, str]:
        """What it writes for the digits and signs of a number in ASCII."""
        signs = {",": self.group, ".": self.decimal, "%": self.percent, "-": self.minus}
        return {**self.own_digits, **{ord(sign): own for sign, own in signs.items()}}


ENGLISH = Language(code="en", direction="ltr")
_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(code: str, digits: str = "own") -> Iterator[Language]:
    """While this holds, `tr` and `shown` speak the language *code*, one of `CODES`, with *digits*, one of `DIGITS`."""
    token = _SPOKEN.set(language(code, digits))
    try:
        yield _SPOKEN.get()
    finally:
        _SPOKEN.reset(token)


def speak(code: str, digits: str = "own") -> None:
    """From here on `tr` and `shown` speak the language *code* with *digits*, as a command does that was asked to."""
    _SPOKEN.set(language(code, digits))


def spoken() -> Language:
    """The language that is spoken."""
    return _SPOKEN.get()


@cache
def language(code: str, digits: str = "own") -> Language:
    """The language of this code; its texts are read once."""
    if code == ENGLISH.code:
        return ENGLISH
    from goalkeeper.languages.files import read  # only for those who do not read English

    return read(code, latin=digits == "latin")


def tr(template: str, /, **values: Any) -> Shown:
    """The English *template*, a literal that every catalogue has, said with its values in the language that is spoken."""
    there = _SPOKEN.get()
    if not values and template not in there.texts:
        return Shown(visible(template.format_map({})))  # it may be a text from elsewhere (`said.of_catalogue`)
    if there is ENGLISH:
        return Shown(template.format_map({name: _in_english(value) for name, value in values.items()}))
    return Shown("".join(_filled(there.texts.get(template, template), values, there)))


def shown(text: str) -> Shown:
    """*text* as people see it: what was said is said in their language, all else is as it was written."""
    if isinstance(text, Shown):
        return text
    if isinstance(text, Said):
        return tr(text.template, **text.values)
    there = _SPOKEN.get()
    if there is ENGLISH or not isinstance(text, Part):
        return Shown(visible(text))
    return Shown(_there(text, "", there))


def _in_english(value: Any) -> Any:
    return shown(value) if isinstance(value, str) and not isinstance(value, StrEnum) else value


def _filled(template: str, values: Mapping[str, Any], there: Language) -> Iterator[str]:
    for literal, name, spec, _ in Formatter().parse(template):
        yield literal
        if name is not None:
            yield _there(values[name], spec or "", there)


def _there(value: Any, spec: str, there: Language) -> str:
    """A value as *there* writes it."""
    match value:
        case Said():
            return tr(value.template, **value.values)
        case Shown():
            return isolated(value)
        case Figure():
            return figure(value, there)
        case UnitName():
            return unit(value, there)
        case Listed():
            return _names(value, there)
        case StrEnum():
            words = value.replace("_", " ")
            return there.texts.get(words, words)
        case Window() | date() | Duration() | PeriodName():
            from goalkeeper.languages.days import told

            return told(value, there)
        case str():
            return isolated(visible(value))
        case _:
            return number(format(value, spec), there)


def isolated(text: str, how: str = BY_FIRST_LETTER) -> str:
    """*text* so that it moves nothing around it."""
    return f"{how}{text}{END}" if text else text


def digits(text: str, there: Language) -> str:
    """The digits of *text* as *there* writes them."""
    return text.translate(there.own_digits)


def number(text: str, there: Language) -> str:
    """A number that is written in ASCII as *there* writes it, isolated, so that its sign stays before it."""
    return isolated(text.translate(there.own_signs), LEFT_TO_RIGHT)


def figure(value: Figure, there: Language) -> str:
    """A number with its unit as *there* writes it."""
    written = number(value.number, there)
    if not value.unit:
        return written
    amount, _, thing = value.unit.partition(" per ")
    known = there.texts.get(f"{{number}} {amount}") if amount else "{number}"
    told = f"{written} {isolated(visible(amount))}" if known is None else known.replace("{number}", written)
    return per(told, thing, there) if thing else told


def unit(name: str, there: Language) -> str:
    """A unit as *there* calls it: `EUR per click`."""
    amount, _, thing = name.partition(" per ")
    told = there.texts.get(amount) or isolated(visible(amount))
    return per(told, thing, there) if thing else told


def per(amount: str, thing: str, there: Language) -> str:
    """An amount for each thing; a thing that has no word there is the author's."""
    known = there.texts.get(f"{{amount}} per {thing}")
    if known is not None:
        return known.replace("{amount}", amount)
    return tr("{amount} per {thing}", amount=Shown(amount), thing=thing)


def _names(value: Listed, there: Language) -> str:
    left, right = there.quotes if value.quoted else ("", "")
    names = [f"{left}{_there(name, '', there)}{right}" for name in value.names]
    if value.quoted and len(names) > 1:
        return f"{there.separator.join(names[:-1])}{there.conjunction}{names[-1]}"
    return there.separator.join(names)
