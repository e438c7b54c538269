"""Rows of one file that another file of the source has too: they would count twice, or are dropped as `dedupe` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.project import Placed
from goalkeeper.said import say
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.laid import ALL, SHOWN, Dropped, Laid, Layout, as_written, ids_of
from goalkeeper.sources.notation import folded
from goalkeeper.sources.phrases import place_in
from goalkeeper.sources.repeats import repeated
from goalkeeper.sources.spellings import tidy


def counted_twice(parts: Sequence[tuple[DataFile, Laid]], *, deduped: bool, whose: str | None) -> Iterator[Problem]:
    """Rows of one file that another file has too: they would count twice."""
    shape = parts[0][1].shape
    if deduped or not shape.file_key or len(parts) < 2:
        return
    keys, owners = [], []
    for file, laid in parts:
        names = laid.header if shape.file_key == (ALL,) else ids_of(shape.file_key)
        places = [laid.header.index(n) for n in names if n in laid.header]
        if len(places) < len({*names} - shape.optional_dimensions):
            return
        spans = zip(laid.rows, laid.lines, strict=True)
        for row, line in spans:
            keys.append(tuple(tidy(row[p] or "") for p in places))
            owners.append((file, line, laid))
    again = repeated(keys)
    across = [(place, first) for place, first in again if owners[place][2] is not owners[first][2]]
    if not across:
        return
    place, first = across[0]
    (file, line, laid), (other, other_line, other_laid) = owners[place], owners[first]
    told_by = [n for n in shape.file_key if n not in shape.optional_dimensions or n in laid.header]
    dedupe = f"dedupe: {as_written(told_by)}"
    if file.path == other.path:
        cure = say("keep the first of them: {yaml}", yaml=dedupe)
    elif whose:
        cure = say(
            "if the files are of two accounts, give each a source of its own; if the rows are the same, keep the first of "
            "them: {yaml}",
            yaml=dedupe,
        )
    else:
        cure = say(
            "if the files are of two platforms or accounts, give each a source of its own, with platform: and its name; if "
            "the rows are the same, keep the first of them: {yaml}",
            yaml=dedupe,
        )
    yield Problem(
        "GK323",
        say(
            "'{row}' on line {line} of {file} is in {other} too, on line {other_line}, and {count} more of its rows are: it "
            "would count twice"
            if len(across) > 1
            else "'{row}' on line {line} of {file} is in {other} too, on line {other_line}: it would count twice",
            row=" ".join(keys[place]),
            line=line,
            file=place_in(file.shown, laid.sheet),
            other=place_in(other.shown, other_laid.sheet),
            other_line=other_line,
            count=len(across) - 1,
        ),
        Span(file.shown, line, 1),
        cure,
        related=(Related(say("first here"), Span(other.shown, other_line, 1)),),
    )


def without_repeats(
    placed: Placed[Source], laid_out: Sequence[tuple[DataFile, Layout]]
) -> tuple[list[tuple[DataFile, Layout]], list[Dropped]]:
    """The layouts without rows that an earlier table of the same kind has, as `dedupe` says, and what was dropped."""
    dedupe = placed.written.dedupe
    if dedupe is None:
        return list(laid_out), []
    seen: dict[str, set[tuple[str, ...]]] = {}
    result, dropped = [], []
    for file, layout in laid_out:
        tables = []
        for laid in layout.tables:
            known = seen.setdefault(laid.shape.name, set())
            names = list(laid.header) if dedupe == "all" else ids_of(dedupe)
            places = [
                place
                for n in names
                for place, id_ in enumerate(laid.header)
                if id_ == n or folded(laid.headers.get(id_, id_)) == folded(n)
            ]
            keys = [tuple(tidy(row[p] or "") for p in places) for row in laid.rows]
            again = [number for number, key in enumerate(keys) if places and key in known]
            known.update(keys)
            if again:
                why = (
                    say("rows (sheet '{sheet}') that were there before, by dedupe", sheet=laid.sheet)
                    if laid.sheet
                    else say("rows that were there before, by dedupe")
                )
                lines = tuple(laid.lines[n] for n in again[:SHOWN])
                dropped.append(Dropped(file.shown, why, len(again), lines))
            gone = set(again)
            keep = [number for number in range(len(keys)) if number not in gone]
            tables.append(
                replace(laid, rows=tuple(laid.rows[n] for n in keep), lines=tuple(laid.lines[n] for n in keep))
            )
        result.append((file, replace(layout, tables=tuple(tables))))
    return result, dropped
