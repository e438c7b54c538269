"""Goal files as text to plain data, with the place of every key and value.

What is read is a named strict subset of YAML 1.2, from the events of the YAML parser: nothing is built that the text
does not say, and nothing is counted on that could grow beyond it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from math import isfinite
from pathlib import Path as FilePath
from typing import Any

import yaml
from msgspec import Struct, field

from goalkeeper import slips
from goalkeeper.paths import not_a_file
from goalkeeper.problems import Problem, Related, Span, span_at
from goalkeeper.said import say

Path = tuple[str | int, ...]

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_SCALAR = 64 * 1024
MAX_DIGITS = 30

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*)")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_REAL = re.compile(r"[-+]?(?:\.\d+|(?:0|[1-9]\d*)(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_WORDS: dict[str, Any] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
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


class Mark(Struct, frozen=True):
    """Where something is written: from `start` to `end`, in characters of the text; `style` is how a text is quoted."""

    start: int
    end: int
    style: str | None = None


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
            content = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, [Problem("GK114", say("there is no file '{file}'", file=file))]
    except OSError as error:
        return None, [Problem("GK114", say("'{file}' cannot be read: {why}", file=file, why=error.strerror))]
    return parse(content, file)


def from_data(data: Any, file: str = "<data>") -> tuple[Document | None, list[Problem]]:
    """Plain Python values as a document; dates become text, and nothing has a place."""
    try:
        plain = _plain(data, 0)
    except ValueError as error:
        return None, [Problem("GK112", str(error), Span(file, 1, 1))]
    return Document(file, "", plain), []


def _plain(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(say("the values are nested more than {most} deep", most=MAX_DEPTH))
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            if not isfinite(value):
                raise ValueError(say("{value} is not a number that a goal can have", value=value))
            return value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item, depth + 1) for key, item in value.items()}
        case Iterable():
            return [_plain(item, depth + 1) for item in value]
        case _:
            raise ValueError(say("a value of the type {kind} cannot stand in a goal file", kind=type(value).__name__))


def parse(content: str | bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """The goal file that *content* is, or everything that is wrong with it."""
    if len(content) > MAX_BYTES:
        cure = say("split it into several files")
        return None, [Problem("GK106", say("the file is larger than 1 MiB"), Span(file, 1, 1), cure)]
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        text.encode("utf-8")
    except UnicodeError:
        cure = say("save it again as UTF-8")
        return None, [Problem("GK102", say("the file is not UTF-8 text"), Span(file, 1, 1), cure)]
    text = text.removeprefix("\ufeff")
    problems = list(slips.hidden_characters(file, text))
    if problems:
        return None, problems
    if file.endswith(".json"):
        problem = _json_fault(file, text)
        if problem is not None:
            return None, [problem]
        text = _SURROGATES.sub(lambda pair: str(json.loads(f'"{pair.group()}"')), text)
    builder = _Builder(file, text)
    data = builder.build()
    problems = builder.problems
    if not problems and builder.empty:
        cure = say("write version: 1, then sources: and goals:")
        problems = [Problem("GK113", say("the file is empty"), Span(file, 1, 1), cure)]
    if problems:
        return None, problems
    return Document(file, text, data, builder.values, builder.keys), []


def _json_fault(file: str, text: str) -> Problem | None:
    def refuse(word: str) -> Any:
        raise ValueError(say("{value} is not a number that a goal can have", value=word))

    try:
        json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        fault = error.msg.lower()
        what = say("this is not JSON: {fault}", fault=_JSON_FAULTS.get(fault, fault))
        return Problem("GK101", what, span_at(file, text, error.pos, error.pos + 1))
    except RecursionError:
        what = say("the file is nested more than {most} deep", most=MAX_DEPTH)
        return Problem("GK106", what, Span(file, 1, 1))
    except ValueError as error:
        return Problem("GK112", str(error), Span(file, 1, 1))
    return None


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Builder:
    """Builds the data from the parser's events, and notes where each part stands."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.values: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self.nodes = 0
        self.empty = True

    def build(self) -> Any:
        """The data; None when there are problems or nothing."""
        try:
            events = iter(yaml.parse(self.text, Loader=_Loader))
            data = self.document(events)
        except _Refused as refused:
            self.problems.append(refused.problem)
        except yaml.MarkedYAMLError as error:
            self.problems.append(slips.syntax_problem(self.file, self.text, error))
        except (yaml.YAMLError, RecursionError, ValueError):
            self.problems.append(Problem("GK101", say("the file is not YAML that can be read"), Span(self.file, 1, 1)))
        else:
            return data
        return None

    def document(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            match event:
                case yaml.StreamStartEvent() | yaml.StreamEndEvent() | yaml.DocumentEndEvent():
                    continue
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        cure = say("put each into a file of its own")
                        self.refuse("GK105", say("several documents in one file"), event, cure)
                    if event.version or event.tags:
                        cure = say("take the line with % out")
                        self.refuse("GK105", say("directives are left out of goal files"), event, cure)
                case _:
                    data = self.node(event, events, (), 0)
        return data

    def refuse(self, code: str, message: str, event: Any, help_: str = "") -> None:
        span = span_at(self.file, self.text, event.start_mark.index, event.end_mark.index)
        raise _Refused(Problem(code, message, span, help_))

    def say(self, code: str, message: str, mark: Mark, help_: str = "", related: tuple[Related, ...] = ()) -> None:
        span = span_at(self.file, self.text, mark.start, mark.end)
        self.problems.append(Problem(code, message, span, help_, related=related))

    def node(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            what = say("the file has more than {most:,} parts", most=MAX_NODES)
            self.refuse("GK106", what, event, say("split it into several files"))
        if depth > MAX_DEPTH:
            self.refuse("GK106", say("the file is nested more than {most} deep", most=MAX_DEPTH), event)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(
                "GK105",
                say("'{sign}' is an alias, which goal files leave out", sign=f"*{event.anchor}"),
                event,
                slips.alias_help(self.text, event),
            )
        if event.anchor is not None:
            self.refuse(
                "GK105",
                say("'{sign}' is an anchor, which goal files leave out", sign=f"&{event.anchor}"),
                event,
                say("write it in full, or put the text in quotes"),
            )
        if event.tag is not None:
            what = say("'{sign}' is a tag, which goal files leave out", sign=event.tag)
            self.refuse("GK105", what, event, say("put the text in quotes"))
        match event:
            case yaml.ScalarEvent():
                return self.scalar(event, path)
            case yaml.SequenceStartEvent():
                return self.sequence(event, events, path, depth)
            case _:
                return self.mapping(event, events, path, depth)

    def scalar(self, event: Any, path: Path) -> Any:
        start, end = event.start_mark.index, event.end_mark.index
        if end - start > MAX_SCALAR:
            self.refuse("GK106", say("a text is longer than 64 KiB"), event)
        self.empty = self.empty and start == end
        self.values[path] = Mark(start, end, event.style or None)
        if event.style:
            self.problems.extend(slips.hidden_in_escapes(self.file, self.text, event))
            return event.value
        value = plain_scalar(event.value)
        if isinstance(value, str):
            self.problems.extend(slips.cut_by_number_sign(self.file, self.text, event))
        return value

    def sequence(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> list[Any]:
        self.empty = False
        self.values[path] = Mark(event.start_mark.index, event.end_mark.index, "collection")
        found: list[Any] = []
        parts: list[Any] = []
        for item in events:
            if isinstance(item, yaml.SequenceEndEvent):
                break
            if event.flow_style and isinstance(item, yaml.ScalarEvent):
                self.problems.extend(slips.comma_that_is_none(self.file, self.text, item))
            if event.flow_style and parts and not slips.splits_a_number(self.text, parts[-1], item):
                self.commas(parts)
                parts = []
            parts.append(item)
            found.append(self.node(item, events, (*path, len(found)), depth + 1))
        if event.flow_style:
            self.commas(parts)
        return found

    def commas(self, parts: list[Any]) -> None:
        """Say it where commas have split a text into several parts."""
        if len(parts) > 1:
            self.problems.append(slips.comma_problem(self.file, self.text, parts))

    def mapping(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> dict[str, Any]:
        self.empty = False
        self.values[path] = Mark(event.start_mark.index, event.end_mark.index, "collection")
        found: dict[str, Any] = {}
        parts: list[Any] = [None]
        for key in events:
            if isinstance(key, yaml.MappingEndEvent):
                break
            if not isinstance(key, yaml.ScalarEvent):
                if isinstance(key, yaml.AliasEvent):
                    self.node(key, events, path, depth)
                self.refuse("GK112", say("a key must be text"), key, say("put the key in quotes"))
            value = next(events)
            if event.flow_style and slips.splits_a_value(self.text, parts[0], key, value):
                parts.append(key)
                continue
            self.commas(parts)
            parts = [value]
            name = self.key(key, path, found)
            found[name] = self.node(value, events, (*path, name), depth + 1)
        self.commas(parts)
        return found

    def key(self, event: Any, path: Path, found: Mapping[str, Any]) -> str:
        name = str(event.value)
        mark = Mark(event.start_mark.index, event.end_mark.index)
        if event.anchor is not None or event.tag is not None:
            what = say("anchors and tags are left out of goal files")
            self.refuse("GK105", what, event, say("put the text in quotes"))
        if not event.style and name == "<<":
            what = say("merge keys are left out of goal files")
            self.refuse("GK105", what, event, say("write the keys in full"))
        if name in found:
            first = self.keys[*path, name]
            related = (Related(say("first written here"), span_at(self.file, self.text, first.start, first.end)),)
            self.say("GK104", say("'{name}' is written twice", name=name), mark, say("keep one of them"), related)
        else:
            self.keys[*path, name] = mark
        return name


def plain_scalar(text: str) -> Any:
    """What a text without quotes means: YAML 1.2 core, and whatever is not plainly a number stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if not text[:1].isascii() or not (text[0].isdigit() or text[0] in "+-."):
        return text
    if len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _REAL.fullmatch(text):
            value = float(text)
            return value if isfinite(value) else text
    return text
