"""What a data file is, and the source that reads it: a known export, or a plain table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from msgspec.structs import replace

from goalkeeper.inspection.block import block, sources_of
from goalkeeper.inspection.cells import cells_of
from goalkeeper.inspection.export import export_inspection
from goalkeeper.inspection.plain import plain_inspection
from goalkeeper.inspection.seen import Decision, Inspection, SeenColumn, SeenTable
from goalkeeper.inspection.trial import project_of
from goalkeeper.opening import known_formats
from goalkeeper.paths import not_a_file
from goalkeeper.problems import Problem, ProblemsFound, Span
from goalkeeper.said import say
from goalkeeper.sources.files import ENDINGS, KINDS, DataFile
from goalkeeper.sources.sniffed import fits


def inspect(path: str | PathLike[str], *, use: Sequence[str] = ()) -> Inspection:
    """What the data file at *path* is, and the source that reads it.

    Args:
        path: a data file.
        use: packs beside those that ship whose formats are tried too, as in `use:` of a goal file.

    Raises:
        ProblemsFound: when there is no such file, or a pack does not read. What is wrong inside the file is in
            `problems` of the inspection.
    """
    file = _data_file(Path(path))
    written = project_of({}, use) if use else None
    known = known_formats(written)()
    found = fits(file, known) if file.kind in {"csv", "workbook"} else []
    if not found:
        return plain_inspection(file, cells_of(file))
    best = found[0]
    tied = [(fit, export_inspection(file, fit, use)) for fit in found if fit.columns == best.columns]
    chosen, inspection = next(((fit, one) for fit, one in tied if not one.problems), tied[0])
    rivals = tuple(fit.form.name for fit in found if fit.rivals(best) and fit is not chosen)
    return replace(inspection, rivals=rivals)


def data_files(path: str | PathLike[str]) -> list[Path]:
    """The data files at a path: itself, or those of a folder.

    Raises:
        ProblemsFound: when there is none.
    """
    place = Path(path)
    if not place.is_dir():
        return [place]
    inside = sorted(f for f in place.rglob("*") if f.is_file() and f.suffix.lower() in KINDS and f.name[0] not in "._")
    if not inside:
        text = say("the folder '{path}' holds no data files", path=place.as_posix())
        raise ProblemsFound([Problem("GK301", text, help=say("it can hold {endings} files", endings=ENDINGS))])
    return inside


def _data_file(path: Path) -> DataFile:
    shown = path.as_posix()
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/+", shown):
        address = re.sub(":/+", "://", shown, count=1)  # a path has no two slashes
        message = say("'{address}' is an address", address=address)
        raise ProblemsFound([Problem("GK302", message, help=say("download the file, and name it here"))])
    other = not_a_file(path)
    if other is not None:
        message = say("'{path}' is {kind}, and no data file", path=shown, kind=other)
        raise ProblemsFound([Problem("GK302", message, help=say("name a data file"))])
    if not path.exists():
        message = say("no data file '{path}'", path=shown)
        raise ProblemsFound([Problem("GK301", message, help=say("name a data file, or a folder of them"))])
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        message = say("'{file}' is no kind of file that is read", file=path.name)
        raise ProblemsFound([Problem("GK302", message, help=say("use {endings}", endings=ENDINGS))])
    return DataFile(path.resolve() if path.is_absolute() else path, shown, kind)


__all__ = [
    "Decision",
    "Inspection",
    "SeenColumn",
    "SeenTable",
    "Span",
    "block",
    "data_files",
    "inspect",
    "sources_of",
]
