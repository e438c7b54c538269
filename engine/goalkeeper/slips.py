"""What people get wrong in YAML, told from the text: each slip with the cure that its author needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import name as character_name

import yaml

from goalkeeper.limits import KEY_LENGTH
from goalkeeper.problems import Problem, Related, Span, span_at
from goalkeeper.quantity import COMPARISONS
from goalkeeper.said import say
from goalkeeper.unseen import UNSEEN

_HIDDEN = re.compile(rf"(?:{UNSEEN.pattern}|\u200c)(?<![\t\n])(?<!\r(?=\n))")
_NON_JOINER = "\u200c"
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")


def _is_text(text: str, place: int) -> bool:
    """Whether the character at *place* is a half-space between two letters of the Arabic script."""
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return text[place] == _NON_JOINER and len(around) == 2 and all(_ARABIC.match(letter) for letter in around)


def hidden_characters(file: str, text: str) -> Iterator[Problem]:
    """Characters that a reviewer does not see, or that end a line unseen."""
    for found in _HIDDEN.finditer(text):
        if not _is_text(text, found.start()):
            sign = found.group()
            yield Problem(
                "GK103",
                say("a hidden character, {code} ({name})", code=f"U+{ord(sign):04X}", name=_called(sign)),
                span_at(file, text, found.start(), found.end()),
                say("delete it and type the line again"),
            )


def hidden_in_escapes(file: str, text: str, event: Any) -> Iterator[Problem]:
    """The same, written as an escape in a quoted text."""
    if event.style != '"':
        return
    said: set[str] = set()
    for place, sign in enumerate(event.value):
        if (
            sign not in said
            and (_HIDDEN.match(sign) or 0xD800 <= ord(sign) <= 0xDFFF)
            and not _is_text(event.value, place)
        ):
            said.add(sign)
            yield Problem(
                "GK103",
                say("a hidden character in quotes, {code} ({name})", code=f"U+{ord(sign):04X}", name=_called(sign)),
                span_at(file, text, event.start_mark.index, event.end_mark.index),
                say("take the escape out"),
            )


def _called(sign: str) -> str:
    return character_name(sign, "").lower() or say("a control character")


def cut_by_number_sign(file: str, text: str, event: Any) -> Iterator[Problem]:
    """`why: Be #1 in the market`: what follows the sign is a comment for YAML."""
    end = event.end_mark.index
    stop = text.find("\n", end)
    rest = text[end : len(text) if stop < 0 else stop]
    found = re.match(r"[ \t]+#(?=[^\s#])", rest)
    if found:
        whole = (event.value + rest).strip()
        yield Problem(
            "GK108",
            say("everything from '#' on is a comment, so this says only '{text}'", text=event.value[:40]),
            span_at(file, text, end + found.end() - 1, end + len(rest.rstrip())),
            say("put the text in quotes: {text}; for a comment leave a space after the #", text=quoted(whole)),
        )


def comma_that_is_none(file: str, text: str, item: Any) -> Iterator[Problem]:
    """`[اینستاگرام، فیسبوک]`: a comma that does not separate."""
    if item.style:
        return
    found = re.search("[،؛]", item.value)
    if found:
        start = item.start_mark.index + found.start()
        yield Problem(
            "GK109",
            say("'{sign}' does not separate items", sign=found.group()),
            span_at(file, text, start, start + 1),
            say("use , between the items, or put the text in quotes"),
        )


def splits_a_number(text: str, before: Any, item: Any) -> bool:
    """Whether the comma between two items of `[grow reach to 10,000]` stands inside a number."""
    if not isinstance(before, yaml.ScalarEvent) or not isinstance(item, yaml.ScalarEvent):
        return False
    first: Any = before
    second: Any = item
    between = text[first.end_mark.index : second.start_mark.index]
    in_plain_text = between == "," and not first.style and not second.style
    return in_plain_text and first.value[-1:].isdigit() and bool(re.match(r"\d{3}(?!\d)", second.value))


def splits_a_value(text: str, before: Any, key: Any, value: Any) -> bool:
    """Whether a key without a value is the rest of the value before it: `{reach: 1,200}`, `{say: Many, but little}`."""
    empty = getattr(value, "value", None) == "" and value.start_mark.index == value.end_mark.index
    after = text[key.end_mark.index : key.end_mark.index + 50].lstrip()
    if not empty or after.startswith(":") or key.style or key.anchor or key.tag:
        return False
    return before is not None and bool(getattr(before, "value", "x"))


def comma_problem(file: str, text: str, parts: Sequence[Any]) -> Problem:
    """The parts that commas split a text into, the first of them the text that they belong to."""
    first = parts[0] if hasattr(parts[0], "value") else parts[1]
    start, end = first.start_mark.index, parts[-1].end_mark.index
    whole = text[start:end]
    return Problem(
        "GK107",
        say(
            "the comma splits '{text}' in two" if len(parts) == 2 else "the comma splits '{text}' in {count} parts",
            text=whole[:60],
            count=len(parts),
        ),
        span_at(file, text, start, end),
        say("put it in quotes: {text}, or give it a line of its own", text=quoted(whole)),
    )


def quoted(text: str) -> str:
    """A text in the quotes that it needs."""
    return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'


def _in_quotes(text: str) -> str:
    return say("put it in quotes: {text}", text=quoted(text))


def _value_of(line: str) -> tuple[str, str]:
    """The keys that a line begins with, and the value behind them."""
    found = re.match(r"^(\s*(?:- +)*[^\s:#]+:\s+)(\S.*?)\s*$", line) or re.match(r"^(\s*(?:- +)+)(\S.*?)\s*$", line)
    return (found[1], found[2]) if found else ("", line.strip())


def _comparison(text: str) -> tuple[str, str, str] | None:
    """The sign at the beginning of a bound such as `> 12`, the word for it, and the rest."""
    found = re.match(r"([<>]=?)\s*([^,\]}]*)", text)
    if found is None or not re.match(r"[\w.$€£+-]", found[2]):
        return None
    return found[1], COMPARISONS[found[1]], found[2].strip()


def _value_with_colon(span: Span) -> tuple[Span, str] | None:
    """Inside brackets, the value of a key that goes on with a colon: `{name: Goal: grow}`."""
    before, after = span.text[: span.column - 1], span.text[span.column - 1 :]
    start = re.search(r"(?:[{,\[]\s*[^\s:,{}\[\]]+:\s+|:\s+\[\s*|\[\s*|,\s+)([^,{}\[\]:]+)$", before)
    rest = re.match(r":\s+[^,{}\[\]]*", after)
    if start is None or rest is None or start[1].lstrip()[:1] in {"'", '"'}:
        return None
    whole = start[1] + rest.group().rstrip()
    return Span(span.file, span.line, start.start(1) + 1, len(whole), span.text), whole


def alias_help(text: str, event: Any) -> str:
    """The cure for `campaign: *-launch`."""
    found = re.match(r"[^,\]}\n]+", text[event.start_mark.index :])
    return _in_quotes(found.group().strip() if found else event.anchor)


def syntax_problem(file: str, text: str, error: Any) -> Problem:
    """What the parser stumbled over, in the words of the one who wrote it."""
    mark = error.problem_mark or error.context_mark
    span = span_at(file, text, mark.index, mark.index + 1) if mark else Span(file, 1, 1)
    said = error.problem or ""
    keys, value = _value_of(span.text)
    line = f"{keys.strip()} {quoted(value)}".replace("  ", " ").lstrip()
    needs_quotes: str = say("put it in quotes: {text}", text=line)
    first = value[:1]
    here = span.text[span.column - 1 :]
    comparison = _comparison(here if "cannot start any token" in said else value)
    if comparison is not None and ("cannot start any token" in said or "block scalar" in (error.context or "")):
        sign, word, rest = comparison
        at = span.text.index(sign, 0 if "block scalar" in (error.context or "") else span.column - 1)
        place = Span(file, span.line, at + 1, len(sign), span.text)
        return Problem("GK116", _begins_with(sign), place, say("say it in words: {text}", text=f"{word} {rest}"))
    if "cannot start any token" in said and here[:1] in ">|%@`!&*":
        first = here[0]
        needs_quotes = _quotes_inside_brackets(span) or needs_quotes
    if "nesting depth" in said:
        return Problem("GK106", say("the file is nested too deep"), span, say("take some brackets out"))
    if "cannot start any token" in said and first in ">|%@`!&*":
        return Problem("GK116", _begins_with(first), span, needs_quotes)
    for sign, meaning in (("*", "alias"), ("&", "anchor")):
        if meaning in said or meaning in (error.context or ""):
            place = _at_sign(span, sign)
            return Problem("GK116", _begins_with(sign), place, _quotes_inside_brackets(place) or needs_quotes)
    if "block scalar" in (error.context or "") or (first in ">|" and "comment or a line break" in said):
        what = say("'{sign}' at the beginning of a text has a meaning of its own", sign=first)
        return Problem("GK116", what, _at_sign(span, first), needs_quotes)
    if "mapping values are not allowed" in said:
        if re.search(r":\s", value):
            return Problem("GK116", say("a text with ': ' in it needs quotes"), span, needs_quotes)
        cure = say("look at the indentation of this line and the one above")
        return Problem("GK101", say("a ':' does not fit here"), span, cure)
    if "\t" in span.text[: span.column] or "\\t" in said:
        return Problem("GK101", say("a tab does not indent"), span, say("use spaces"))
    colon = _value_with_colon(span) if "expected ',' or" in said else None
    if colon is not None:
        place, whole = colon
        return Problem("GK116", say("a text with ': ' in it needs quotes"), place, _in_quotes(whole))
    if "expected ',' or" in said:
        bracket = "]" if "']'" in said else "}"
        start = error.context_mark
        opened = span_at(file, text, start.index, start.index + 1) if start else span
        related = (Related(say("the bracket is still open here"), span),) if span.line != opened.line else ()
        cure = say("'{bracket}' or a ',' is missing after it", bracket=bracket)
        return Problem("GK101", say("a bracket is not closed"), opened, cure, related=related)
    if "quoted scalar" in (error.context or ""):
        place = span_at(file, text, error.context_mark.index, error.context_mark.index + 1)
        if "found unexpected" not in said:  # what is unexpected is the end
            what = say("a backslash in double quotes begins an escape")
            return Problem("GK101", what, span, say("use single quotes"))
        return Problem("GK101", say("a quote is opened and not closed"), place, say("add the closing quote"))
    if "could not find expected ':'" in said:
        return _no_colon(file, text, error.context_mark or mark, mark)
    if "block" in said or "block" in (error.context or ""):
        cure = say("keys of one level begin in the same column")
        return Problem("GK101", say("the indentation does not fit"), span, cure)
    cure = say("look at quotes, brackets and indentation around here")
    return Problem("GK101", say("the file is not valid YAML here"), span, cure)


def _no_colon(file: str, text: str, start: Any, end: Any) -> Problem:
    """A text where a key is wanted. The parser gives up looking for its ':' after so many characters."""
    place = span_at(file, text, start.index, start.index + 1)
    if end.index - start.index > KEY_LENGTH:
        what = say("a key is longer than {most} characters", most=KEY_LENGTH)
        return Problem("GK106", what, place, say("shorten it; what people call a thing goes under label: or name:"))
    return Problem("GK101", say("a key without a ':'"), place, say("write key: value"))


def _at_sign(span: Span, sign: str) -> Span:
    """The sign that a text begins with, where the parser says what is behind it."""
    begins = [found.start() for found in re.finditer(rf"(?<![^\s,{{\[]){re.escape(sign)}", span.text[: span.column])]
    return Span(span.file, span.line, begins[-1] + 1, 1, span.text) if begins else span


def _quotes_inside_brackets(span: Span) -> str | None:
    """The cure for one item among several of a line; None where the text is all that stands behind its key."""
    before, behind = span.text[: span.column - 1], span.text[span.column - 1 :]
    cut = re.match(r"[^,\]}]+", behind) if "{" in before or "[" in before else None
    return _in_quotes(cut.group().strip()) if cut else None


def _begins_with(sign: str) -> str:
    return say("a text cannot begin with '{sign}'", sign=sign)
