"""Goal files as text to plain data, with the place of every key and value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import count
from math import isfinite
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct, field

from goalkeeper import slips
from goalkeeper.limits import DEPTH, FILE_BYTES, PARTS
from goalkeeper.paths import Allowed, fixed, links_out, not_a_file
from goalkeeper.problems import Problem, Span, span_at, told
from goalkeeper.said import say
from goalkeeper.syntax import Mark, Path, parts_of

_JSON_FAULTS: dict[str, str] = {
    fault: fault
    for fault in (
        say("expecting value"),
        say("expecting property name enclosed in double quotes"),
        say("expecting ',' delimiter"),
        say("expecting ':' delimiter"),
        say("unterminated string starting at"),
        say("invalid control character at"),
        say("extra data"),
    )
}
"""What the JSON parser says, in small letters."""
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class Document(Struct, frozen=True):
    """A goal file: its data, and where each part was written."""

    file: str
    text: str
    data: Any
    values: Mapping[Path, Mark] = field(default_factory=dict)
    keys: Mapping[Path, Mark] = field(default_factory=dict)

    def at(self, path: Path, *, key: bool = False, offset: int | None = None, length: int = 1) -> Span:
        """The place of the value at *path*, or of its key; what was never written is at its nearest ancestor.

        With *offset*, the place of so many characters inside a text, counted from its beginning.
        """
        path = tuple(path)
        if key and path in self.keys:
            return self._span(self.keys[path])
        if path in self.values:
            mark = self.values[path]
            if offset is not None:
                return self._inside(path, mark, offset, length)
            if mark.style == "collection" and path in self.keys:
                return self._span(self.keys[path])
            return self._span(mark)
        while path and path not in self.values:
            path = path[:-1]
        return self._span(self.keys.get(path) or self.values.get(path) or Mark(0, 1))

    def written(self, path: Path) -> str:
        """The text of the value at *path* as it stands in the file; empty for what is not written there."""
        mark = self.values.get(tuple(path))
        return self.text[mark.start : mark.end] if mark is not None and mark.style != "collection" else ""

    def _inside(self, path: Path, mark: Mark, offset: int, length: int) -> Span:
        value = self._value(path)
        raw = self.text[mark.start : mark.end]
        quote = 1 if mark.style in {"'", '"'} else 0
        if isinstance(value, str) and raw[quote : quote + len(value)] == value:
            start = mark.start + quote + offset
            return self._span(Mark(start, start + length))
        if isinstance(value, str):
            # Folded or escaped text: the same word is looked for in the source, the right one of its occurrences.
            word = value[offset : offset + length]
            before = value[:offset].count(word) if word else 0
            place = -1
            for _ in range(before + 1):
                place = raw.find(word, place + 1) if word else -1
            if place >= 0:
                return self._span(Mark(mark.start + place, mark.start + place + length))
        return self._span(mark)

    def _value(self, path: Path) -> Any:
        found = self.data
        for part in path:
            found = found[part]
        return found

    def _span(self, mark: Mark) -> Span:
        return span_at(self.file, self.text, mark.start, mark.end)


def read(path: FilePath, shown: str | None = None) -> tuple[Document | None, list[Problem]]:
    """The goal file at *path*, or what is wrong with it."""
    file = shown or path.as_posix()
    other = not_a_file(path)
    if other is not None:
        return None, [Problem("GK114", say("'{file}' is {what}, and no goal file", file=file, what=other))]
    try:
        with path.open("rb") as opened:
            content = opened.read(FILE_BYTES + 1)
    except FileNotFoundError:
        return None, [Problem("GK114", say("there is no file '{file}'", file=file))]
    except OSError as error:
        return None, [Problem("GK114", say("'{file}' cannot be read: {why}", file=file, why=error.strerror))]
    return parse(content, file)


def barred(shown: str, path: FilePath, folder: FilePath, place: Span | None, allowed: Allowed) -> Problem | None:
    """What keeps a goal file in *folder* from a file or pattern that it names: that it lies outside of its project.

    *shown* is the *path* as the author knows it.
    """
    what = allowed.outside(path, folder)
    if what is None:
        return None
    lies = say(
        "'{path}' is a link that leads out of {what}" if links_out(path, folder) else "'{path}' lies outside of {what}",
        path=shown,
        what=what,
    )
    help_ = say("put it there, or allow it to be read: {option}", option=f"--allow-read {fixed(path).as_posix()}")
    return Problem("GK121", lies, place, help_)


def from_data(data: Any, file: str = "<data>") -> tuple[Document | None, list[Problem]]:
    """Plain Python values as a document; dates become text, and nothing has a place."""
    try:
        plain = _plain(data, 0, count(1))
    except ValueError as error:
        return None, [Problem("GK112", str(error), Span(file, 1, 1))]
    return Document(file, "", plain), []


def _plain(value: Any, depth: int, seen: Iterator[int]) -> Any:
    if next(seen) > PARTS:
        raise ValueError(say("the file has more than {most:,} parts", most=PARTS))
    if depth > DEPTH:
        raise ValueError(say("the values are nested more than {most} deep", most=DEPTH))
    match value:
        case str():
            if not value.isprintable() and any(0xD800 <= ord(sign) <= 0xDFFF for sign in value):
                raise ValueError(say("a text holds half a character"))
            return value
        case None | bool() | int():
            return value
        case float():
            if not isfinite(value):
                raise ValueError(say("{value} is not a number that a goal can have", value=value))
            return value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            found = {str(key): _plain(item, depth + 1, seen) for key, item in value.items()}
            if len(found) < len(value):
                raise ValueError(say("two keys are the same text"))
            return found
        case Iterable():
            return [_plain(item, depth + 1, seen) for item in value]
        case _:
            raise ValueError(say("a value of the type {kind} cannot stand in a goal file", kind=type(value).__name__))


def parse(content: str | bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """The goal file that *content* is, or everything that is wrong with it."""
    try:
        content = content if isinstance(content, bytes) else content.encode("utf-8")
        text = content.decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        before = content[: error.start]
        read = before.decode("utf-8") if isinstance(before, bytes) else before
        place, cure = span_at(file, read, len(read), len(read)), say("save it again as UTF-8")
        return None, [Problem("GK102", say("the file is not UTF-8 text"), place, cure)]
    if len(content) > FILE_BYTES:
        cure = say("split it into several files")
        return None, [
            Problem("GK106", say("the file is larger than {most:,} bytes", most=FILE_BYTES), Span(file, 1, 1), cure)
        ]
    text = text.removeprefix("\ufeff")
    problems = told(slips.hidden_characters(file, text))
    if problems:
        return None, problems
    if file.endswith(".json"):
        problem = _json_fault(file, text)
        if problem is not None:
            return None, [problem]
        text = _SURROGATES.sub(lambda pair: str(json.loads(f'"{pair.group()}"')), text)
    parts, problems = parts_of(file, text)
    if parts is None:
        return None, problems
    document = Document(file, text, parts.data, parts.values, parts.keys)
    problems = told(_no_numbers(document)) if file.endswith(".json") else []
    return (None if problems else document), problems


def _json_fault(file: str, text: str) -> Problem | None:
    try:
        # Numbers stay as they are written: what they say is read with the rest, where each has its place.
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        fault = error.msg.lower()
        what = say("this is not JSON: {fault}", fault=_JSON_FAULTS.get(fault, fault))
        return Problem("GK101", what, span_at(file, text, error.pos, error.pos + 1))
    except RecursionError:
        what = say("the file is nested more than {most} deep", most=DEPTH)
        return Problem("GK106", what, Span(file, 1, 1), say("take some brackets out"))
    return None


def _no_numbers(document: Document) -> Iterator[Problem]:
    """What JSON of some programs has for numbers that are none."""
    for path, mark in document.values.items():
        word = document.text[mark.start : mark.end]
        if mark.style is None and word in {"NaN", "Infinity", "-Infinity"}:
            what = say("{value} is not a number that a goal can have", value=word)
            yield Problem("GK112", what, document.at(path))
