"""The cells of a data file before anybody knows what they mean, and how its text is encoded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from goalkeeper.engines.duckdb import DuckDB
from goalkeeper.inspection.seen import Decision
from goalkeeper.opening import typed_cells
from goalkeeper.problems import Problem
from goalkeeper.said import enumerated, quoted, say
from goalkeeper.sources.encoded import Encoded, read_text
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.grid import Grid, delimited
from goalkeeper.sources.layout import grids_of

MOST_ROWS = 1_000_000
"""So many rows of a file that may hold more are looked at."""
_PAGES = ("cp1252", "cp1256", "cp1251")
"""How text is written that is not UTF-8: Western European, Persian and Arabic, Cyrillic."""


class Cells(Struct, frozen=True):
    """The rows of a file (in a workbook of each sheet), how its text is encoded, and what is wrong with it."""

    grids: Sequence[Grid] = ()
    encoding: str | None = None
    declared: str | None = None
    """The encoding that a source has to say."""
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()


def cells_of(file: DataFile) -> Cells:
    """The rows of any data file that is read."""
    if file.kind == "parquet":
        return _typed(file)
    if file.kind != "csv":
        grids, encoding, problems = grids_of(file, ("utf-8",), None)
        return Cells(grids, encoding or None, problems=tuple(problems))
    encoded = read_text(file, ("utf-8",))
    if isinstance(encoded, Encoded):
        return _parted(file, encoded)
    pages = _pages(file)
    if encoded.code != "GK318" or not pages:
        return Cells(problems=(encoded,))
    (name, text), *others = pages
    if not others:
        return _parted(file, Encoded(text, name, marked=False), declared=name)
    options = tuple((page, say("reads {words}", words=_sample(other))) for page, other in pages)
    asked = Decision(say("its text is not UTF-8, and can be read in several ways"), "encoding", options)
    return _parted(file, Encoded(text, name, marked=False), declared=name, decisions=(asked,))


def _parted(
    file: DataFile, encoded: Encoded, *, declared: str | None = None, decisions: tuple[Decision, ...] = ()
) -> Cells:
    grid = delimited(file, encoded)
    if isinstance(grid, Problem):
        return Cells(encoding=encoded.encoding, problems=(grid,))
    return Cells([grid], encoded.encoding, declared, decisions)


def _typed(file: DataFile) -> Cells:
    sample = DuckDB([file]).sample(file.shown, [file], ())
    return Cells(problems=tuple(sample)) if isinstance(sample, list) else Cells([typed_cells(file, MOST_ROWS)])


def _pages(file: DataFile) -> list[tuple[str, str]]:
    """The encodings that the bytes of a file may be in, with its text in each: those in which words look like words."""
    data = file.content()
    if b"\0" in data:
        # In UTF-16 every other byte of plain letters is 0: which one tells the order.
        name = "utf-16-le" if data[1::2].count(0) >= data[0::2].count(0) else "utf-16-be"
        return [(name, text)] if (text := _decoded(data, name)) is not None else []
    read = {page: text for page in _PAGES if (text := _decoded(data, page)) is not None}
    odd = {page: _oddness(text) for page, text in read.items()}
    likely = [page for page in read if odd[page] <= min(odd.values()) + 1e-9]
    texts: dict[str, str] = {}
    for page in likely:
        texts.setdefault(read[page], page)
    return [(page, text) for text, page in texts.items()]


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _words(text: str) -> list[str]:
    """The words that are not plain ASCII."""
    return [word for word in dict.fromkeys(re.findall(r"[^\W\d_]+", text)) if not word.isascii()]


def _oddness(text: str) -> float:
    """The share of words that no language has: letters of two scripts, or capitals in the middle."""
    words = _words(text)
    return sum(map(_is_odd, words)) / len(words) if words else 0.0


def _is_odd(word: str) -> bool:
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in word}
    if len(scripts) > 1 or not (word.islower() or word.istitle() or word.isupper() or "ARABIC" in scripts):
        return True
    return scripts == {"LATIN"} and sum(not letter.isascii() for letter in word) > len(word) / 2 > 1


def _sample(text: str) -> str:
    words = _words(text)[:3]
    return enumerated(map(quoted, words)) if words else say("the same")
