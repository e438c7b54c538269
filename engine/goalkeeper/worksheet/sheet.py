"""The answers of a planning worksheet, and the goal file that they make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper import documents
from goalkeeper.said import say

NEXT_STEPS = """\
Next steps
  goalkeeper check          what is wrong in this file, and what makes a goal hard to act on
  goalkeeper check --data   the same with the numbers: can a target be met, can it be told from chance?
  goalkeeper score          the scorecard"""


class Numbers(Struct, frozen=True):
    """The data file of a worksheet: where it is, and what its columns are."""

    name: str
    path: str
    time: str
    """The header of the column with the day."""
    format: str | None = None
    grain: str = "day"
    dimensions: tuple[str, ...] = ()
    columns: Mapping[str, str] = {}
    """Our names for columns whose headers are no names, each with its header."""
    labels: Mapping[str, str] = {}
    """What people call the numbers whose headers say it better than their names."""
    metrics: tuple[str, ...] = ()
    """The columns with numbers, under our names."""
    money: tuple[str, ...] = ()
    """The columns that hold money."""
    currency: str | None = None


class Entry(Struct, frozen=True):
    """One main goal: the four columns of the worksheet, and what else is asked."""

    name: str
    why: str = ""
    sign: str = ""
    rules: tuple[str, ...] = ()
    period: str | Mapping[str, str] | None = None
    """A named period, or a start with a length or an end."""
    where: tuple[str, tuple[str, ...]] | None = None
    """The dimension that tells channels apart, and those of the goal."""
    channels: str = ""
    """The channels in the author's words, where the data does not tell them apart."""
    stage: str = ""
    owner: str = ""


class Sheet(Struct, frozen=True):
    """A worksheet, filled in as far as it goes."""

    numbers: Numbers
    entries: tuple[Entry, ...] = ()
    declared: str = ""
    audience: str = ""
    message: str = ""
    hours: str = ""
    experience: str = ""
    use: tuple[str, ...] = ()
    """The packs that give the KPIs made of its columns."""

    def adding(self, entry: Entry) -> Sheet:
        """The worksheet with one goal more."""
        return replace(self, entries=(*self.entries, entry))


class Fault(ValueError):
    """Why an answer cannot be used, in lines, the cure among them; `at` are the characters of a text that do not fit."""

    def __init__(self, *lines: str, at: tuple[str, int, int] | None = None) -> None:
        super().__init__(lines[0])
        self.lines = tuple(line for line in lines if line)
        self.at = at


def plain_text(answer: str) -> str:
    """An answer as a text of a goal file.

    Raises:
        Fault: where it holds what cannot be seen, or is longer than anybody reads.
    """
    text = " ".join(answer.split())
    _, problems = documents.parse(f"a: {json.dumps(text, ensure_ascii=False)}", "answer")
    if problems:
        raise Fault(problems[0].message, problems[0].help)
    if len(text) > 500:
        raise Fault(
            say("that is longer than 500 characters"),
            say("say the heart of it; the rest has room in your own notes"),
        )
    return text


def written(text: str, *, inside: bool = False) -> str:
    """A text as YAML reads it back: as it is, or in quotes; *inside* a list or mapping on one line."""
    for candidate in (text, json.dumps(text, ensure_ascii=False)):
        document, problems = documents.parse(f"a: [{candidate}]" if inside else f"a: {candidate}", "answer.yaml")
        wanted = [text] if inside else text
        if document is not None and not problems and document.data == {"a": wanted}:
            return candidate
    raise AssertionError(f"{text!r} has no place in a goal file")


def text_of(sheet: Sheet) -> str:
    """The goal file of a worksheet."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield "# yaml-language-server: $schema=./goalkeeper.schema.json"
    yield from _notes(sheet)
    yield "version: 1"
    if sheet.use:
        yield f"use: [{', '.join(sheet.use)}]"
    yield ""
    yield "sources:"
    yield from _source(sheet.numbers)
    yield from _section("metrics", _metrics(sheet.numbers))
    yield from _section("goals", (line for entry in sheet.entries for line in _goal(entry, sheet)))
    yield ""
    yield "# What the scorecard says besides: these goals as planned, and whether people are reached, engage, ask and"
    yield "# convert. There are also stages, levels, aspects, and channels by their return on investment."
    yield "report: [worksheet, questions]"


def _section(name: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"{name}:", *found)


def _notes(sheet: Sheet) -> Iterator[str]:
    said = {
        "For whom": sheet.audience,
        "What they know, and want to hear": sheet.message,
        "Time": f"{sheet.hours} hours a week" if sheet.hours else "",
        "Experience": sheet.experience,
    }
    yield "#"
    yield f"# The planning worksheet{f' of {sheet.declared}' if sheet.declared else ''}"
    for title, text in said.items():
        if text:
            yield f"#   {title}: {text}"
    yield "#"
    for line in NEXT_STEPS.splitlines():
        yield f"# {line}"


def _source(numbers: Numbers) -> Iterator[str]:
    yield f"  {numbers.name}:"
    yield f"    path: {written(numbers.path)}"
    if numbers.format:
        how = f"column: {written(numbers.time, inside=True)}, format: {written(numbers.format, inside=True)}"
        yield f"    time: {{{how}}}"
    else:
        yield f"    time: {written(numbers.time)}"
    if numbers.grain != "day":
        yield f"    grain: {numbers.grain}   # a row stands for its whole {numbers.grain}"
    if numbers.columns:
        yield "    columns:"
        for name, header in numbers.columns.items():
            yield f"      {name}: {written(header)}"
    yield f"    dimensions: [{', '.join(written(name, inside=True) for name in numbers.dimensions)}]"
    yield "    # lag: 2d       if the newest days are still filling up"
    yield "    # max_age: 3d   if the newest row must not be older"


def _metrics(numbers: Numbers) -> Iterator[str]:
    money = numbers.money if numbers.currency else ()
    for name in dict.fromkeys([*numbers.labels, *money]):
        said = {"label": numbers.labels.get(name), "unit": numbers.currency if name in money else None}
        parts = (f"{key}: {written(text, inside=True)}" for key, text in said.items() if text)
        yield f"  {name}: {{{', '.join(parts)}}}"


def _goal(entry: Entry, sheet: Sheet) -> Iterator[str]:
    said = {
        "name": entry.name,
        "why": entry.why,
        "sign_of_success": entry.sign,
        "owner": entry.owner,
        "stage": entry.stage,
        "declared": sheet.declared,
    }
    mark = "- "
    for key, text in said.items():
        if text:
            yield f"  {mark}{key}: {written(text)}"
            mark = "  "
    match entry.period:
        case str() as named:
            yield f"    period: {written(named)}"
        case None:
            yield "    # No period: judged over its latest 28 days, for as long as the file says so."
        case parts:
            yield f"    period: {{{', '.join(f'{key}: {written(text, inside=True)}' for key, text in parts.items())}}}"
    if entry.where is not None:
        dimension, values = entry.where
        texts = ", ".join(written(value, inside=True) for value in values)
        yield f"    where: {{{dimension}: {texts if len(values) == 1 else f'[{texts}]'}}}"
    if entry.channels:
        yield f"    # channels: {entry.channels}"
    yield "    rules:"
    for rule in entry.rules:
        yield f"      - {written(rule)}"


__all__ = ["Entry", "Fault", "Numbers", "Sheet", "plain_text", "text_of", "written"]
