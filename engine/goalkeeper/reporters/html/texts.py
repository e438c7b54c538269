"""What templates say: texts in the language that is spoken, as markup in which nothing moves what is around it.

On an English page the browser finds the direction of an author's text. On any other page the text of the page itself
sets the direction of a line, and what an author wrote is isolated in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from goalkeeper.calendar import Window
from goalkeeper.languages import (
    ENGLISH,
    LEFT_TO_RIGHT,
    RIGHT_TO_LEFT,
    Shown,
    isolated,
    shown,
    spoken,
    tr,
)
from goalkeeper.reporters.outcomes import word
from goalkeeper.reporters.safe import apart, day, short_day
from goalkeeper.said import Figure, Listed, Said
from goalkeeper.verdict import Outcome

_PLACE = re.compile("\u2068?\0(\\w+)\0\u2069?")
"""Where markup stands in a text that is not markup yet. No text has these characters: they are put in sight."""
_NUMBER = re.compile("\u2066([^\u2066-\u2069]*)\u2069")
"""A number or a day that is isolated."""
_WORD = r"[\w\u200c]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][\w\u200c]*"
_NAMES = re.compile(rf"{_WORD}(?: +{_WORD})*")
"""Words of a formula that are written from the right. Without a fence a sign or a number behind them joins them."""
_COMPARES = re.compile("[<>=\u2264\u2265]")


def marked(template: str, /, **values: Any) -> Shown | Markup:
    """`tr` for templates: what is markup among the values stays markup."""
    markup = {name: value for name, value in values.items() if isinstance(value, Markup)}
    if not markup:
        return tr(template, **values)
    places = {name: Shown(f"\0{name}\0") for name in markup}
    text = str(laid(tr(template, **{**values, **places})))
    return Markup(_PLACE.sub(lambda found: markup[found[1]], text))  # noqa: S704  escaped, but for the markup


def laid(text: str) -> Markup:
    """A text as markup, in which no number breaks over lines."""
    if LEFT_TO_RIGHT not in text:
        return escape(text)
    return Markup(_NUMBER.sub(r"<bdi dir=ltr>\1</bdi>", str(escape(text))))  # noqa: S704  escaped


def flat(text: str) -> Markup:
    """A text where there can be no markup: in attributes, titles, options and drawings."""
    return escape(text)


def told(value: Any) -> Markup:
    """A value as people read it: a text, a word of ours, a number, a day or days."""
    match value:
        case None:
            return Markup("")
        case Markup():
            return value
        case Outcome():
            return laid(word(value))
        case str():
            return laid(shown(value))
        case date() | Window():
            return laid(day(value))
        case _:
            return laid(tr("{count}", count=value))


def own(text: str) -> Markup:
    """A text that may be an author's, who may write in another direction than the page."""
    if spoken() is ENGLISH or not _as_written(text):
        return _alone(text)
    return Markup("<bdi>{}</bdi>").format(told(text))


def bdi(value: Any) -> Markup:
    """A value that moves nothing around it."""
    way = "" if spoken() is ENGLISH or _as_written(value) else Markup(' dir="{}"').format(spoken().direction)
    return Markup("<bdi{}>{}</bdi>").format(way, told(value))


def span(text: str) -> Markup:
    """The same for a name of an author's, where it stands among words of the page."""
    return Markup("<span{}>{}</span>").format("" if said_here(text) else Markup(' dir="auto"'), _alone(text))


def path(text: str) -> Markup:
    """A path, an id or a hash, which is written from the left."""
    return Markup("<bdi{}>{}</bdi>").format(
        "" if spoken() is ENGLISH else Markup(' dir="ltr" class="long"'), told(text)
    )


def code(text: str) -> Markup:
    """A formula or a comparison, which is whole and in the order in which it is written in YAML."""
    if spoken() is ENGLISH or not _as_written(text):
        return told(text)
    return Markup('<code dir="ltr">{}</code>').format(_fenced(text))


def rule_text(text: str) -> Markup:
    """A rule as its author wrote it: a sentence, or what is compared with what."""
    if spoken() is ENGLISH or not _as_written(text) or not _COMPARES.search(text):
        return own(text)
    return Markup('<bdi dir="ltr" class="long">{}</bdi>').format(_fenced(text))


def together(names: Iterable[str]) -> Shown:
    """Names with an *and* between them."""
    return Shown(spoken().conjunction.join(map(apart, names)))


def label(text: str) -> Markup:
    """A text in a drawing, whose places are told from the left whatever the language."""
    return flat(isolated(shown(text), RIGHT_TO_LEFT) if mirrored() else shown(text))


def day_label(when: date) -> Markup:
    """A day in a drawing."""
    return flat(short_day(when))


def place(file: str, line: int) -> Markup:
    """A line of a file."""
    text = f"{file}:{line}"
    return told(text) if spoken() is ENGLISH else path(text)


def mirrored() -> bool:
    """Whether the page goes from right to left."""
    return spoken().direction == "rtl"


def said_here(text: str) -> bool:
    """Whether a text is in the language of the page, and not English as all else on an English one."""
    return spoken() is not ENGLISH and not _as_written(text)


def locale() -> str:
    """The language and its digits, for what a browser writes itself."""
    there = spoken()
    return there.code if there is ENGLISH or there.digits != ENGLISH.digits else f"{there.code}-u-nu-latn"


def _alone(text: str) -> Markup:
    """A text as people see it; one that was made for them already may have an author's words at its ends."""
    return told(apart(text) if isinstance(text, Shown) else text)


def _fenced(text: str) -> Markup:
    return Markup(_NAMES.sub(r"<bdi>\g<0></bdi>", str(flat(shown(text)))))  # noqa: S704  escaped


def _as_written(value: Any) -> bool:
    """Whether a value is a text as an author wrote it, and none of ours."""
    return isinstance(value, str) and not isinstance(value, Said | Shown | Figure | Listed | Outcome | Markup)
