"""The objects of a JSON or JSONL file with their lines, read without a database: to point at what is wrong in one."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goalkeeper.problems import Problem, Span
from goalkeeper.said import of_catalogue, say
from goalkeeper.sources.files import DataFile


def objects_of(file: DataFile) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The objects of a JSON file as texts by key, each with the line that it starts on, up to the first fault."""
    text = file.content().decode("utf-8-sig", "replace")
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
    place, line, counted = 0, 1, 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,[]":
            place += 1
        if place == len(text):
            return
        line += text.count("\n", counted, place)
        counted = place
        try:
            found, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            return
        if isinstance(found, dict):
            yield line, {key: _text(value) for key, value in found.items()}


def without_objects(file: DataFile) -> Problem | None:
    """What is wrong with a file of values that are no objects; None where there is an object, or no JSON."""
    begin = file.path.read_bytes()[:4096]
    if begin.startswith(BOM_UTF8):
        message = say("'{file}' begins with a byte-order mark", file=file.shown)
        return Problem("GK302", message, Span(file.shown, 1, 1), say("save it again as UTF-8 without a mark"))
    if re.match(rb"\s*\[?\s*\{\s*\"", begin):
        return None
    help_ = say("every row is an object: {example}", example='[{"date": "2026-04-01", ...}]')
    if not begin.strip():
        return Problem("GK309", say("'{file}' is empty", file=file.shown), Span(file.shown, 1, 1), help_)
    return Problem("GK302", say("'{file}' holds no objects", file=file.shown), Span(file.shown, 1, 1), help_)


def keys_alike(file: DataFile, names: Sequence[str]) -> Problem | None:
    """Two keys that differ in capital letters alone, of a file for which the database had to make up *names* (`n_1`)."""
    known = {name.lower() for name in names}
    if not any((found := re.fullmatch(r"(.+)_\d+", name)) and found[1].lower() in known for name in names):
        return None
    seen: dict[str, str] = {}
    for line, row in objects_of(file):
        for key in row:
            if seen.setdefault(key.lower(), key) != key:
                message = say("'{file}' has two columns '{column}' that differ", file=file.shown, column=key)
                return Problem("GK302", message, Span(file.shown, line, 1), say("rename one of them in the file"))
    return None


def _text(value: Any) -> str:
    """A value as the text that it is counted as; nothing is an empty text."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fault_of(file: DataFile) -> Problem | None:
    """The place at which a file stops being JSON, None when it does not."""
    try:
        text = file.content().decode("utf-8-sig")
    except UnicodeDecodeError:
        message = say("'{file}' is not UTF-8 text", file=file.shown)
        return Problem("GK302", message, Span(file.shown, 1, 1), say("save it again as UTF-8"))
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not text.lstrip().startswith("[") and (file.path.suffix.lower() != ".json" or _fault(first) is None):
        # One object a line: a brace that is missing is missed only on the next line, so lines are read alone.
        for number, line in enumerate(lines, 1):
            fault = _fault(line) if line.strip() else None
            if fault is not None:
                help_ = say("every line is one object: {example}", example='{"date": "2026-04-01", ...}')
                return _problem(file, number, fault, line, help_)
        return None
    fault = _fault(text)
    if fault is None:
        return None
    # Where a file breaks off, the fault lies on the line after the last.
    help_ = say("export it again, or mend the brackets, quotes and commas before this place")
    return _problem(file, fault.lineno, fault, "".join(lines[fault.lineno - 1 : fault.lineno]), help_)


def _fault(text: str) -> json.JSONDecodeError | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    except RecursionError:
        return json.JSONDecodeError("nested too deep", text, 0)
    return None


def _problem(file: DataFile, line: int, fault: json.JSONDecodeError, text: str, help_: str) -> Problem:
    said = of_catalogue(fault.msg[:1].lower() + fault.msg[1:])
    ends = fault.pos >= len(fault.doc.rstrip())
    return Problem(
        "GK302",
        say(
            "line {line} of '{file}' is not valid JSON: {fault}",
            line=line,
            file=file.shown,
            fault=say("it breaks off") if ends else said,
        ),
        Span(file.shown, line, min(fault.colno, len(text) + 1), 1, text[:1000]),
        help_,
    )
