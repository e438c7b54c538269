"""The data files that a source names: found, and told apart by their ending."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.documents import barred
from goalkeeper.model_sources import Source
from goalkeeper.paths import USUAL, Allowed, entered, is_too_long, not_a_file
from goalkeeper.problems import Problem, ProblemsFound, Severity, Span, suggest
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
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|\\\\|//")
"""What is fetched from another machine: on Windows even to look whether a file is there."""
_DELIMITERS = ",;\t|"


class Stamp(Struct, frozen=True):
    """What tells a file from the one that stands in its place later, or from itself once it is written to."""

    device: int
    node: int
    size: int
    written: int
    changed: int


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
    stamp: Stamp | None = None
    """What it was when it was found."""

    def sha256(self) -> str:
        """The SHA-256 of its bytes, as hexadecimal digits."""
        with self.reading(), self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def content(self) -> bytes:
        """Its bytes."""
        with self.reading():
            return self.path.read_bytes()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Ends what reads the file with a problem where the system does not let it.

        Raises:
            ProblemsFound: such as when the file was removed since it was found.
        """
        try:
            yield
        except OSError as error:
            raise ProblemsFound([unreadable(self.shown, error)]) from None

    def changed(self) -> Problem | None:
        """What happened to the file since it was found, if anything: of what was read of it nothing is sure then."""
        if self.stamp is None:
            return None
        try:
            if stamp_of(self.path) == self.stamp:
                return None
            what = say("'{file}' was changed while it was read", file=self.shown)
        except OSError:
            what = say("'{file}' was removed while it was read", file=self.shown)
        help_ = say("run it again when nothing writes to the file; what writes it had best write beside, and rename")
        return Problem("GK341", what, Span(self.shown, 1, 1), help_)


def stamp_of(path: Path) -> Stamp:
    """What the file at *path* is now.

    Raises:
        OSError: when there is none, or it may not be looked at.
    """
    seen = path.stat()
    return Stamp(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)


def changed(files: Iterable[DataFile]) -> list[Problem]:
    """What happened to *files* since they were found."""
    by_path = {file.path: file for file in files}
    return [problem for file in by_path.values() if (problem := file.changed()) is not None]


def unreadable(shown: str, error: OSError, place: Span | None = None) -> Problem:
    """What the system says of a file that cannot be read."""
    why = of_catalogue(str(error.strerror or error))
    return Problem("GK302", say("'{file}' cannot be read: {error}", file=shown, error=why), place or Span(shown, 1, 1))


def locate(
    placed: Placed[Source], allowed: Allowed = USUAL, *, plain: bool = True
) -> tuple[tuple[DataFile, ...], list[Problem]]:
    """The files of a source, or why they cannot be had; where they are *plain*, with the headers of delimited ones."""
    written = placed.written.path
    problems: list[Problem] = []
    files: list[DataFile] = []
    for number, text in enumerate(written if isinstance(written, list) else [written]):
        place = placed.at("path", number) if isinstance(written, list) else placed.at("path")
        if _ADDRESS.match(text):
            message = say("'{path}' is an address", path=text)
            problems.append(Problem("GK302", message, place, say("download the file, and name it here")))
            continue
        bar = barred(text, placed.folder / text, placed.folder, place, allowed)
        if bar is not None:
            problems.append(bar)
            continue
        try:
            found = list(_matching(placed.folder, text))
            if not found:
                problems.append(_nothing_at(placed.folder, text, place))
        except OSError as error:  # a folder that may not be looked into
            problems.append(unreadable(text, error, place))
            continue
        except (ValueError, RecursionError):  # of hundreds of folders inside one another
            message = say("'{path}' is no pattern: ** stands for whole folders", path=text)
            problems.append(Problem("GK302", message, place, say("write it as in {text}", text="data/**/*.csv")))
            continue
        for path in found:
            shown = _shown(path, placed.folder, text)
            bar = barred(shown, path, placed.folder, place, allowed)
            if bar is not None:
                problems.append(bar)
                continue
            kind = KINDS.get(path.suffix.lower())
            if kind is None:
                message = say("'{file}' is no kind of file that is read", file=path.name)
                problems.append(Problem("GK302", message, place, say("use {endings}", endings=ENDINGS)))
            elif path not in {file.path for file in files}:
                try:
                    file = DataFile(path, shown, kind, stamp=stamp_of(path))
                except OSError as error:
                    problems.append(unreadable(shown, error, place))
                    continue
                files.extend(_with_header(file, place, problems) if kind == "csv" and plain else [file])
    if len(files) > 1:
        problems += [*_copies(files), *headers_alike((file, file.header) for file in files)]
        problems += _differing(files) if plain else ()
    return tuple(files), problems


def _copies(files: Sequence[DataFile]) -> Iterator[Problem]:
    """Files with the same bytes: their rows would count twice."""
    by_size: dict[int, list[DataFile]] = {}
    for file in files:
        by_size.setdefault(file.stamp.size if file.stamp else 0, []).append(file)
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
    with file.reading(), file.path.open("rb") as lines:
        return sum(1 for line in lines if line.strip(b" \t\r\n[]")) > (1 if file.kind == "csv" else 0)


def headers_alike(headers: Iterable[tuple[DataFile, Iterable[str]]]) -> Iterator[Problem]:
    """Headers of several files that differ in capitals alone: a database, which knows none, would take them for one."""
    first: dict[str, tuple[str, DataFile]] = {}
    for file, names in headers:
        for name in names:
            other, owner = first.setdefault(name.casefold(), (name, file))
            if other != name:
                yield Problem(
                    "GK302",
                    say(
                        "'{file}' has a column '{column}', and '{other}' a column '{other_column}'",
                        file=file.shown,
                        column=name,
                        other=owner.shown,
                        other_column=other,
                    ),
                    Span(file.shown, 1, 1),
                    say("give both the same header, or names that differ in more than capitals"),
                )


def _differing(files: Sequence[DataFile]) -> Iterator[Problem]:
    """Columns that some delimited files lack: they are empty in the rows of these."""
    owners: dict[str, tuple[str, DataFile]] = {}
    for file in files:
        for name in file.header:
            owners.setdefault(name.casefold(), (name, file))
    having = {file.path: {name.casefold() for name in file.header} for file in files if file.header}
    for folded, (name, owner) in owners.items():
        lacking = [file for file in files if file.header and folded not in having[file.path]]
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
    if is_too_long(place):
        return
    if place.is_dir():
        yield from sorted(
            f for f in place.iterdir() if f.is_file() and f.suffix.lower() in KINDS and f.name[0] not in "._"
        )
    elif place.is_file():
        yield place
    elif re.search(r"[*?[]", text) and not Path(text).is_absolute():
        yield from sorted(_fitting(folder, text))


def _fitting(folder: Path, pattern: str) -> Iterator[Path]:
    entered(folder, pattern)
    yield from (found for found in folder.glob(pattern) if found.is_file())


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
        problems.append(not_utf8(file))
        return
    except OSError as error:
        problems.append(unreadable(file.shown, error, place))
        return
    if not first:
        message = say("'{file}' is empty", file=file.shown)
        problems.append(Problem("GK309", message, Span(file.shown, 1, 1), say("it needs a header line and rows")))
        return
    delimiter = "\t" if file.path.suffix.lower() == ".tsv" else max(_DELIMITERS, key=first.count)
    try:
        header = next(csv.reader([first], delimiter=delimiter, strict=True))
    except csv.Error:  # a database would skip this line for the header, and take what follows it for rows
        message = say("a quote in the header of '{file}' does not close on its line", file=file.shown)
        help_ = say("close it before the next delimiter, and write the whole header on one line")
        problems.append(Problem("GK302", message, Span(file.shown, 1, first.rfind('"') + 1), help_))
        return
    names = tuple(cell.strip() or f"column{number}" for number, cell in enumerate(header, 1))
    counted = Counter(name.casefold() for name in names)
    twice = next((name for name in names if counted[name.casefold()] > 1), None)
    if twice is not None:
        message = say("'{file}' has two columns named '{column}'", file=file.shown, column=twice)
        problems.append(Problem("GK302", message, Span(file.shown, 1, 1), say("rename one of them")))
        return
    yield replace(file, header=names, delimiter=delimiter)


def not_utf8(file: DataFile) -> Problem:
    """That a delimited file holds bytes that are no text; where they stand is told by a closer look at it."""
    message = say("'{file}' is not UTF-8 text", file=file.shown)
    return Problem("GK302", message, Span(file.shown, 1, 1), say("save it again as CSV UTF-8"))


def _limited(lines: Iterator[str]) -> Iterator[str]:
    """The first lines, each no longer than a header may sensibly be."""
    for line in lines:
        yield line[:1_000_000]
        return
