"""What formulas leave out and how they fail to parse: each fault at its place, with the cure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from unicodedata import name as character_name

from msgspec import Struct

from goalkeeper.limits import NUMBER_DIGITS
from goalkeeper.said import say

_STRANGE = re.compile(r"[^\W\dA-Za-z_][^\W_]*|[^A-Za-z0-9_+\-*/()<>=!,.%\s]|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_OPEN_END = re.compile(r"([-+*/<>=,]|\b(and|or|not|if|else))\s*$")
_SPELT = re.compile(r"(?<![\w.])(?:0[xXbBoO]\w+|\d+(?:_\d+)+)")
_DIGITS = re.compile(rf"\d{{{NUMBER_DIGITS + 1},}}")


class Fault(Struct, frozen=True):
    """A fault inside a formula: `offset` and `length` in characters of its text."""

    code: str
    message: str
    help: str
    offset: int
    length: int


def odd_characters(text: str) -> Iterator[Fault]:
    """The characters of a text, and signs and numbers made of them, that formulas leave out."""
    for found in _STRANGE.finditer(text):
        sign, place = found.group(), found.start()
        help_ = _SIGNS.get(sign) or say(
            "formulas are made of names, numbers and + - * / ( ); this is {name}", name=_called(sign[0])
        )
        if sign[0].isalpha():
            help_ = say("names in formulas are ids of plain letters; what people call a KPI goes under label:")
        yield Fault("GK204", say("'{sign}' is not part of formulas", sign=sign), help_, place, len(sign))
    for found in re.finditer(r"(?<![\w.])(\d[\d.]*(?:[eE][+-]?\d+)?)[jJ]", text):
        what = say("imaginary numbers are not part of formulas")
        yield Fault("GK204", what, "", found.start(), len(found.group()))
    for found in _SPELT.finditer(text):
        what = say("'{text}' is another way to write a number, which formulas leave out", text=found.group())
        yield Fault(
            "GK204", what, say("write it in digits from 0 to 9, such as 1200"), found.start(), len(found.group())
        )
    for found in _DIGITS.finditer(text):
        what = say("a number has more than {most} digits", most=NUMBER_DIGITS)
        yield Fault("GK204", what, "", found.start(), len(found.group()))
    for found in re.finditer(
        r"//|!(?!=)|(?<![<>=!])=(?!=)|%(?<!\d%)(?<!\d\.%)|%(?=\s*(?!(?:and|or|if|else)\b)[\w(])", text
    ):
        sign = found.group()
        yield Fault("GK204", say("'{sign}' is not part of formulas", sign=sign), _SIGNS[sign], found.start(), len(sign))


_SIGNS = {
    "^": say("for a power write **"),
    "=": say("to compare write =="),
    "!": say("write not, or != for unequal"),
    "//": say("to divide write /"),
    "%": say("a percent sign stands right after a number, as in 1%; there is no remainder"),
    "&": say("write and"),
    "|": say("write or"),
    "×": say("to multiply write *"),
    "÷": say("to divide write /"),
    "–": say("to subtract write -"),
    "−": say("to subtract write -"),
    "≥": say("write >="),
    "≤": say("write <="),
    "'": say("formulas hold no text"),
    '"': say("formulas hold no text"),
    "[": say("formulas hold no lists"),
    "]": say("formulas hold no lists"),
    "،": say("arguments are separated by ,"),
    "#": say("formulas hold no comments"),
    ";": say("a formula is one expression"),
    ":": say("a formula is one expression"),
}


def _called(sign: str) -> str:
    return character_name(sign, f"U+{ord(sign):04X}").lower()


def does_not_parse(text: str, place: int, message: str) -> Fault:
    """Why a text is no expression: *message* is what Python says of it at *place*."""
    place = min(place, len(text))
    rest = re.match(r"\w+|\S", text[place:])
    length = len(rest.group()) if rest else 1
    before = text[:place].rstrip()
    if "too many nested" in message:
        return Fault("GK204", say("the formula is too deep to read"), say("split it into several KPIs"), place, 1)
    if "never closed" in message or text.count("(") > text.count(")"):
        place = text.index("(") if text.count("(") else place
        return Fault("GK203", say("a bracket is opened and not closed"), say("add the missing )"), place, 1)
    if text.count(")") > text.count("("):
        what = say("a bracket is closed that was not opened")
        return Fault("GK203", what, say("take one ) out"), text.rindex(")"), 1)
    if "expected 'else'" in message:
        return Fault("GK203", say("an if needs an else"), say("write a if condition else b"), place, length)
    if not rest or place >= len(text.rstrip()) or _OPEN_END.search(text):
        end = max(len(text.rstrip()) - 1, 0)
        return Fault("GK203", say("the formula ends too early"), say("something is missing at its end"), end, 1)
    if re.search(r"\w$", before) and re.match(r"\w", text[place:]):
        return Fault(
            "GK203",
            say("'{word}' stands after a name without + - * / between them", word=rest.group()),
            _joined(before, rest.group()),
            place,
            length,
        )
    if re.match(r"\d+[A-Za-z_]", text[place:]) or (
        re.match(r"[A-Za-z_]", text[place:]) and re.search(r"\d$", text[:place])
    ):
        cure = say("write * between a number and a name")
        return Fault("GK203", say("a name cannot begin with a digit"), cure, place, length)
    what = say("'{word}' does not fit here", word=rest.group())
    return Fault("GK203", what, say("write it like conversions / clicks * 100"), place, length)


def _joined(before: str, word: str) -> str:
    left = re.search(r"[A-Za-z_]\w*$", before)
    return say("is the name {name}?", name=f"{left.group()}_{word}") if left else say("a sign is missing")


_REFUSED: dict[type[ast.expr], tuple[str, str]] = {
    ast.Attribute: (
        say("a point after a name is not part of formulas"),
        say("write names with underscores: paid_clicks"),
    ),
    ast.Subscript: (say("square brackets are not part of formulas"), say("use a KPI with where: to take a part")),
    ast.Tuple: (say("a comma is not part of formulas"), say("numbers have no thousands separators: write 1200")),
    ast.Lambda: (say("functions of your own are not part of formulas"), say("declare another KPI")),
    ast.NamedExpr: (say(":= is not part of formulas"), say("to compare write ==")),
    ast.JoinedStr: (say("text is not part of formulas"), say("formulas hold no text")),
    ast.Starred: (say("a star before a name is not part of formulas"), say("write * between two names")),
}
_ANYTHING_ELSE = say("this is not part of formulas"), say("write names, numbers and + - * /")


def left_out(node: ast.expr) -> tuple[str, str]:
    """What is said of a part of an expression that is Python and no formula, and its cure."""
    return _REFUSED.get(type(node), _ANYTHING_ELSE)
