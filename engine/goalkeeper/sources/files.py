"""The data files that a source names: found, and told apart by their ending."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from goalkeeper.model_sources import Source
from goalkeeper.paths import not_a_file
from goalkeeper.problems import Problem, Severity, Span, suggest
from goalkeeper.project import Placed
from goalkeeper.said import enumerated, meant, of_catalogue, say

if TYPE_CHECKING:
    from goalkeeper.sources.laid import Laid

KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
}
ENDINGS = say("csv, tsv, json, jsonl, parquet, xlsx or xls")
_DELIMITERS = ",;\t|"


class DataFile(Struct, frozen=True):
    """A data file, or a table in one. `shown` is its path as the reader knows it, `path` the real place."""

    path: Path
    shown: str
    kind: str
    header: tuple[str, ...] = ()
    """The column names of a delimited file; other kinds carry their own."""
    delimiter: str = ","
    laid: Laid | None = None
    """For a table of a format (kind `laid`): its rows."""

    def sha256(self) -> str:
        """The SHA-256 of its bytes, as hexadecimal digits."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def locate(placed: Placed[Source], *, plain: bool = True) -> tuple[tuple[DataFile, ...], list[Problem]]:
    """The files of a source, or why they cannot be had; where they are *plain*, with the headers of delimited ones."""
    written = placed.written.path
    problems: list[Problem] = []
    files: list[DataFile] = []
    for number, text in enumerate(written if isinstance(written, list) else [written]):
        place = placed.at("path", number) if isinstance(written, list) else placed.at("path")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
            message = say("'{path}' is an address", path=text)
            problems.append(Problem("GK302", message, place, say("download the file, and name it here")))
            continue
        found = list(_matching(placed.folder, text))
        if not found:
            problems.append(_nothing_at(placed.folder, text, place))
        for path in found:
            kind = KINDS.get(path.suffix.lower())
            if kind is None:
                message = say("'{file}' is no kind of file that is read", file=path.name)
                problems.append(Problem("GK302", message, place, say("use {endings}", endings=ENDINGS)))
            elif path not in {file.path for file in files}:
                file = DataFile(path, _shown(path, placed.folder, text), kind)
                files.extend(_with_header(file, place, problems) if kind == "csv" and plain else [file])
    if len(files) > 1:
        problems += [*_copies(files), *(_differing(files) if plain else ())]
    return tuple(files), problems


def _copies(files: Sequence[DataFile]) -> Iterator[Problem]:
    """Files with the same bytes: their rows would count twice."""
    by_size: dict[int, list[DataFile]] = {}
    for file in files:
        by_size.setdefault(file.path.stat().st_size, []).append(file)
    for alike in by_size.values():
        first: dict[str, DataFile] = {}
        for file in alike if len(alike) > 1 else ():
            other = first.setdefault(file.sha256(), file)
            if other is not file and _has_rows(file):
                yield Problem(
                    "GK316",
                    say("'{file}' and '{other}' hold the same", file=file.shown, other=other.shown),
                    Span(file.shown, 1, 1),
                    say("take one of them out: every row would count twice"),
                )


def _has_rows(file: DataFile) -> bool:
    if file.kind in {"parquet", "workbook"}:
        return True
    with file.path.open("rb") as lines:
        return sum(1 for line in lines if line.strip(b" \t\r\n[]")) > (1 if file.kind == "csv" else 0)


def _differing(files: Sequence[DataFile]) -> Iterator[Problem]:
    """Columns that some delimited files lack: they are empty in the rows of these."""
    owners: dict[str, DataFile] = {}
    for file in files:
        for name in file.header:
            owners.setdefault(name, file)
    for name, owner in owners.items():
        lacking = [file for file in files if file.header and name not in file.header]
        if lacking:
            names = {"file": lacking[0].shown, "column": name, "other": owner.shown}
            yield Problem(
                "GK317",
                say(
                    "'{file}' and {count} more have no column '{column}', as '{other}' has",
                    count=len(lacking) - 1,
                    **names,
                )
                if len(lacking) > 1
                else say("'{file}' has no column '{column}', as '{other}' has", **names),
                Span(lacking[0].shown, 1, 1),
                say(
                    "it counts as empty in these rows: give the same columns the same headers in all files of a source"
                ),
                Severity.WARNING,
            )


def _matching(folder: Path, text: str) -> Iterator[Path]:
    place = folder / text
    if place.is_dir():
        yield from sorted(
            f for f in place.iterdir() if f.is_file() and f.suffix.lower() in KINDS and f.name[0] not in "._"
        )
    elif place.is_file():
        yield place
    else:
        yield from (
            sorted(found for found in folder.glob(text) if found.is_file()) if not Path(text).is_absolute() else ()
        )


def _shown(path: Path, folder: Path, text: str) -> str:
    if Path(text).is_absolute():
        return path.as_posix()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _nothing_at(folder: Path, text: str, place: Span) -> Problem:
    """Why there is no data file at a path: nothing is there, or something else."""
    other = not_a_file(folder / text)
    if other == "a folder":
        message = say("the folder '{path}' holds no data files", path=text)
        return Problem("GK301", message, place, say("it can hold {endings} files", endings=ENDINGS))
    if other is not None:
        code = "GK301" if other.startswith("a link") else "GK302"
        message = say("'{path}' is {kind}, and no data file", path=text, kind=other)
        return Problem(code, message, place, say("name a file, a pattern or a folder"))
    return Problem("GK301", say("no data file '{path}'", path=text), place, _nearby(folder, text))


def _nearby(folder: Path, text: str) -> str:
    place = folder / text
    if not place.parent.is_dir():
        return say("there is no folder '{path}' beside the goal file", path=Path(text).parent.as_posix())
    names = sorted(f.name for f in place.parent.iterdir() if f.suffix.lower() in KINDS)
    near = suggest(place.name, names)
    if near is not None and not re.search(r"[*?[]", text):
        return meant((Path(text).parent / near).as_posix())
    if not names:
        return say("that folder holds no data files")
    first, more = enumerated(names[:8]), len(names) - 8
    if more > 0:
        return say("in that folder: {names}, and {count} more", names=first, count=more)
    return say("in that folder: {names}", names=first)


def _with_header(file: DataFile, place: Span, problems: list[Problem]) -> Iterator[DataFile]:
    try:
        with file.path.open(encoding="utf-8-sig", newline="") as lines:
            first = next((line for line in _limited(lines) if line.strip()), "")
    except UnicodeDecodeError:
        message = say("'{file}' is not UTF-8 text", file=file.shown)
        problems.append(Problem("GK302", message, Span(file.shown, 1, 1), say("save it again as CSV UTF-8")))
        return
    except OSError as error:
        message = say("'{file}' cannot be read: {error}", file=file.shown, error=of_catalogue(str(error.strerror)))
        problems.append(Problem("GK302", message, place))
        return
    if not first:
        message = say("'{file}' is empty", file=file.shown)
        problems.append(Problem("GK309", message, Span(file.shown, 1, 1), say("it needs a header line and rows")))
        return
    delimiter = "\t" if file.path.suffix.lower() == ".tsv" else max(_DELIMITERS, key=first.count)
    header = next(csv.reader([first], delimiter=delimiter))
    names = tuple(cell.strip() or f"column{number}" for number, cell in enumerate(header, 1))
    folded = [name.casefold() for name in names]
    twice = next((name for name in names if folded.count(name.casefold()) > 1), None)
    if twice is not None:
        message = say("'{file}' has two columns named '{column}'", file=file.shown, column=twice)
        problems.append(Problem("GK302", message, Span(file.shown, 1, 1), say("rename one of them")))
        return
    yield DataFile(file.path, file.shown, file.kind, names, delimiter)


def _limited(lines: Iterator[str]) -> Iterator[str]:
    """The first lines, each no longer than a header may sensibly be."""
    for line in lines:
        yield line[:1_000_000]
        return
