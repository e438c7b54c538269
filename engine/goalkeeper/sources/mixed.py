"""Files of one source that do not go together: of two platforms, or the same numbers told apart in different ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from goalkeeper.model_sources import Source
from goalkeeper.problems import Problem
from goalkeeper.project import Placed
from goalkeeper.said import all_of, quoted, say
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format
from goalkeeper.sources.laid import Dropped, Laid


def of_platform(
    placed: Placed[Source],
    by_shape: Mapping[str, list[tuple[DataFile, Laid]]],
    form: Format | None,
    dropped: list[Dropped],
) -> dict[str, list[tuple[DataFile, Laid]]]:
    """The tables of the platform that the author names; where the format does not know it, all of them."""
    said = placed.written.platform
    if form is None or said is None or said not in {shape.platform for shape in form.shapes}:
        return dict(by_shape)
    kept = {}
    for name, parts in by_shape.items():
        other = parts[0][1].shape.platform
        if other in {said, None}:
            kept[name] = parts
        else:
            why = say(
                "the table '{table}' is of {platform}, and its source is of {yaml}",
                table=name,
                platform=other,
                yaml=f"platform: {said}",
            )
            dropped += [Dropped(file.shown, why, len(laid.rows)) for file, laid in parts]
    return kept


def mixed_platforms(placed: Placed[Source], tables: Sequence[Sequence[tuple[DataFile, Laid]]]) -> Iterator[Problem]:
    """Files of two platforms that have a metric of the same name, which is not the same on both."""
    owners: dict[str, tuple[str, DataFile]] = {}
    for parts in tables:
        for file, laid in parts:
            for id_ in laid.readings if laid.shape.platform else ():
                platform, other = owners.setdefault(id_, (laid.shape.platform or "", file))
                if platform != laid.shape.platform:
                    yield Problem(
                        "GK326",
                        say(
                            "'{file}' is of {platform} and '{other}' of {other_platform}, and both have '{column}'",
                            file=other.shown,
                            platform=platform,
                            other=file.shown,
                            other_platform=laid.shape.platform,
                            column=id_,
                        ),
                        placed.at(key=True),
                        say(
                            "give each a source of its own, or name the one that is meant: {yaml}",
                            yaml=f"platform: {platform}",
                        ),
                    )
                    return


def told_apart(placed: Placed[Source], parts: Sequence[tuple[DataFile, Laid]]) -> Iterator[Problem]:
    """Files about the same days of which one tells apart what another one does not: they would count twice."""
    for number, (file, laid) in enumerate(parts):
        for other_file, other in parts[:number]:
            own, theirs = _dimensions(laid), _dimensions(other)
            if own == theirs or not _meet(laid, other):
                continue
            more = (laid.headers.get(one) or other.headers.get(one) or one for one in sorted(own ^ theirs))
            yield Problem(
                "GK326",
                say(
                    "'{file}' and '{other}' are about the same days, and only one of them tells {columns} apart: their "
                    "numbers would count twice",
                    file=other_file.shown,
                    other=file.shown,
                    columns=all_of(map(quoted, more)),
                ),
                placed.at(key=True),
                say("give each a source of its own"),
            )
            return


def _dimensions(laid: Laid) -> set[str]:
    return set(laid.header) & laid.shape.optional_dimensions


def _meet(one: Laid, other: Laid) -> bool:
    """Whether two tables have a day in common."""
    a, b = one.extent, other.extent
    return bool(one.rows and other.rows and a and b and a.first <= b.last and b.first <= a.last)
