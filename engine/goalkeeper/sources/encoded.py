"""The text of a file from its bytes: which encoding, proven by its mark or by its bytes, and where they do not fit."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from msgspec import Struct

from goalkeeper.problems import Problem, Span
from goalkeeper.said import say
from goalkeeper.sources.files import DataFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

ENCODINGS = say("encoding: cp1252, or cp1251 for Cyrillic letters, cp1256 for Persian and Arabic ones")
"""How a source says its encoding, where it is not UTF-8."""
_OTHERS = {
    b"\x89PNG": say("a picture"),
    b"\xff\xd8\xff": say("a picture"),
    b"GIF8": say("a picture"),
    b"%PDF-": say("a PDF"),
    b"PAR1": say("a Parquet file"),
    b"\x1f\x8b": say("a file packed with gzip"),
}
"""What files begin with that hold no text."""


class Encoded(Struct, frozen=True):
    """The text of a file, and how its bytes were read."""

    text: str
    encoding: str
    marked: bool
    """Whether a byte-order mark says it."""


def read_text(file: DataFile, encodings: Sequence[str], declared: str | None = None) -> Encoded | Problem:
    """The text of *file*: as its mark says, else in the first of *encodings* that its bytes fit.

    *declared* is what the author says, which has to fit: bytes that say another thing are a problem.
    """
    data = file.content()
    mark, marked = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    if marked:
        if declared is not None and _name(declared) not in {marked, marked[:6]}:
            text = say(
                "'{file}' begins with the mark of {encoding}, and is declared as {declared}",
                file=file.shown,
                encoding=marked,
                declared=declared,
            )
            return Problem("GK318", text, Span(file.shown, 1, 1), say("take encoding: out: the mark says it"))
        return _decoded(file, data[len(mark) :], marked, marked=True)
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        return Problem(
            "GK302",
            say("'{file}' is a workbook, whatever its name ends in", file=file.shown),
            Span(file.shown, 1, 1),
            say("give it the ending .xlsx or .xls"),
        )
    other = next((what for sign, what in _OTHERS.items() if data.startswith(sign)), None)
    if other is not None:
        return Problem(
            "GK302",
            say("'{file}' is {kind}, whatever its name ends in", file=file.shown, kind=other),
            Span(file.shown, 1, 1),
            say("name the file with the numbers, as CSV, JSON, Parquet or a workbook"),
        )
    tried = [declared] if declared is not None else list(encodings)
    if declared is not None and _name(declared) != "utf-8" and _is_utf8(data, wide=_name(declared).startswith("utf-")):
        return Problem(
            "GK318",
            say("'{file}' is UTF-8, and is declared as {declared}", file=file.shown, declared=declared),
            Span(file.shown, 1, 1),
            say("take encoding: out"),
        )
    first: Problem | None = None
    for encoding in tried:
        found = _decoded(file, data, _name(encoding), marked=False)
        if isinstance(found, Encoded):
            return found
        first = first or found
    return first or Problem("GK302", say("'{file}' cannot be read", file=file.shown), Span(file.shown, 1, 1))


def _is_utf8(data: bytes, *, wide: bool) -> bool:
    """Whether bytes are UTF-8: those beyond ASCII hardly ever are by chance, and in *wide* text every other one is 0."""
    try:
        return (wide and b"\0" not in data) or not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return encoding


def _decoded(file: DataFile, data: bytes, encoding: str, *, marked: bool) -> Encoded | Problem:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(
            "GK318",
            say(
                "line {line} of '{file}' is not {encoding}: it holds the byte {byte}",
                line=line,
                file=file.shown,
                encoding=encoding,
                byte=f"0x{data[error.start]:02x}" if error.start < len(data) else say("the end"),
            ),
            Span(file.shown, line, 1),
            say("save the file as CSV UTF-8, or say how it is encoded: {encodings}", encodings=ENCODINGS),
        )
    except LookupError:
        return Problem(
            "GK318",
            say("there is no encoding '{encoding}'", encoding=encoding),
            Span(file.shown, 1, 1),
            say("such as utf-8, utf-16 or cp1252"),
        )
    if "\0" in text:
        return _no_text(file, text.count("\n", 0, text.index("\0")) + 1, encoding)
    return Encoded(text, encoding, marked)


def nul_in(file: DataFile) -> Problem | None:
    """That a file holds a NUL, as no text does: a database would take it for a letter. Most files have none."""
    line = 1
    with file.reading(), file.path.open("rb") as data:
        while chunk := data.read(_CHUNK):
            if (at := chunk.find(b"\0")) >= 0:
                break
            line += chunk.count(b"\n")
        else:
            return None
    return _no_text(file, line + chunk.count(b"\n", 0, at), "utf-8")


_CHUNK = 1 << 20


def _no_text(file: DataFile, line: int, encoding: str) -> Problem:
    return Problem(
        "GK318",
        say(
            "line {line} of '{file}' holds a NUL: it is no text in {encoding}",
            line=line,
            file=file.shown,
            encoding=encoding,
        ),
        Span(file.shown, line, 1),
        say("say how it is encoded: encoding: utf-16, or export it again"),
    )
