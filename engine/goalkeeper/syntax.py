"""The syntax of goal files: a named strict subset of YAML 1.2, from the events of the YAML parser.

Nothing is built that the text does not say, and nothing is counted on that could grow beyond it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sized
from itertools import islice
from math import isfinite
from typing import Any

import yaml
from msgspec import Struct

from goalkeeper import slips
from goalkeeper.limits import DEPTH, ENTRIES, KEY_LENGTH, NUMBER_DIGITS, PARTS, PROBLEMS, TEXT_LENGTH
from goalkeeper.problems import Problem, Related, Span, span_at, told
from goalkeeper.said import say

Path = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*)")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_REAL = re.compile(r"[-+]?(?:\.\d+|(?:0|[1-9]\d*)(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_NOTHING = re.compile(r"[-+]?[0.]+(?:[eE].*)?")
_WORDS: dict[str, Any] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}


class Mark(Struct, frozen=True):
    """Where something is written: from `start` to `end`, in characters of the text; `style` is how a text is quoted."""

    start: int
    end: int
    style: str | None = None


class Parts(Struct, frozen=True):
    """The data that a text says, and where its values and keys are written."""

    data: Any
    values: Mapping[Path, Mark]
    keys: Mapping[Path, Mark]


def parts_of(file: str, text: str) -> tuple[Parts | None, list[Problem]]:
    """The data that the text of *file* says with its places, or everything that is wrong with it."""
    builder = _Builder(file, text)
    data = builder.build()
    problems = builder.problems
    if not problems and builder.empty:
        cure = say("write version: 1, then sources: and goals:")
        problems = [Problem("GK113", say("the file is empty"), Span(file, 1, 1), cure)]
    if problems:
        return None, told(problems)
    return Parts(data, builder.values, builder.keys), []


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Enough(Exception):
    """There are more mistakes than are told."""


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
        except _Enough:
            pass
        except _Refused as refused:
            self.problems.append(refused.problem)
        except yaml.MarkedYAMLError as error:
            self.problems.append(slips.syntax_problem(self.file, self.text, error))
        except (yaml.YAMLError, ValueError, OverflowError):  # without its library the parser makes characters unlooked
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
        if len(self.problems) > PROBLEMS:
            raise _Enough
        if self.nodes > PARTS:
            what = say("the file has more than {most:,} parts", most=PARTS)
            self.refuse("GK106", what, event, say("split it into several files"))
        if depth > DEPTH:
            what = say("the file is nested more than {most} deep", most=DEPTH)
            self.refuse("GK106", what, event, say("take some brackets out"))
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
        if end - start > TEXT_LENGTH:
            what = say("a text is longer than {most:,} characters", most=TEXT_LENGTH)
            self.refuse("GK106", what, event, say("split it, or shorten it"))
        self.empty = self.empty and start == end
        self.values[path] = Mark(start, end, event.style or None)
        if event.style:
            self.problems.extend(islice(slips.hidden_in_escapes(self.file, self.text, event), PROBLEMS))
            return event.value
        value = _plain_scalar(event.value)
        if isinstance(value, str):
            self.problems.extend(slips.cut_by_number_sign(self.file, self.text, event))
        return value

    def sequence(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> list[Any]:
        self.empty = False
        self.values[path] = Mark(event.start_mark.index, event.end_mark.index, "collection")
        found: list[Any] = []
        parts: list[Any] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            if event.flow_style and isinstance(item, yaml.ScalarEvent):
                self.problems.extend(slips.comma_that_is_none(self.file, self.text, item))
            if event.flow_style and parts and not slips.splits_a_number(self.text, parts[-1], item):
                self.commas(parts)
                parts = []
            parts.append(item)
            found.append(self.node(item, events, (*path, len(found)), depth + 1))
            self.crowded(found, item)
        if event.flow_style:
            self.commas(parts)
        return found

    def crowded(self, found: Sized, event: Any) -> None:
        """Refuse a list or mapping with more entries than may be, before the rest of it is read."""
        if len(found) > ENTRIES:
            what = say("a list or mapping has more than {most:,} entries", most=ENTRIES)
            self.refuse("GK106", what, event, say("split it into several files"))

    def commas(self, parts: list[Any]) -> None:
        """Say it where commas have split a text into several parts."""
        if len(parts) > 1:
            self.problems.append(slips.comma_problem(self.file, self.text, parts))

    def mapping(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> dict[str, Any]:
        self.empty = False
        self.values[path] = Mark(event.start_mark.index, event.end_mark.index, "collection")
        found: dict[str, Any] = {}
        parts: list[Any] = [None]
        while not isinstance(key := next(events), yaml.MappingEndEvent):
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
            self.crowded(found, key)
        self.commas(parts)
        return found

    def key(self, event: Any, path: Path, found: Mapping[str, Any]) -> str:
        name = str(event.value)
        if len(name) > KEY_LENGTH:
            what = say("a key is longer than {most} characters", most=KEY_LENGTH)
            self.refuse("GK106", what, event, say("shorten it; what people call a thing goes under label: or name:"))
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


def _plain_scalar(text: str) -> Any:
    """What a text without quotes means: YAML 1.2 core, and whatever is not plainly a number stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if not text[:1].isascii() or not (text[0].isdigit() or text[0] in "+-."):
        return text
    if len(text) <= NUMBER_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _REAL.fullmatch(text):
            value = float(text)
            # What is no number of ours stays text: where it is read, it is said to be too large or too small.
            held = abs(value) >= sys.float_info.min or _NOTHING.fullmatch(text)
            return value if isfinite(value) and held else text
    return text
