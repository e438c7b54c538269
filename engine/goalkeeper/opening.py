"""Sources with a format opened: their files laid out, and made into tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from goalkeeper.calendar import Window
from goalkeeper.dates import parse_date, parse_period
from goalkeeper.model import Source, TimeColumn
from goalkeeper.problems import Problem, did_you_mean, errors
from goalkeeper.project import Placed, Project
from goalkeeper.settings import calendar_of_file
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.formats import Format, format_of
from goalkeeper.sources.formed import plain_format, tables_of, without_repeats
from goalkeeper.sources.laid import Asked, Dropped, Layout
from goalkeeper.sources.layout import lay_out
from goalkeeper.sources.shipped import shipped_format, shipped_formats
from goalkeeper.sources.table import Table, number_examples


class Formed(Struct, frozen=True):
    """The tables of a source, what of its files is not read, and what is wrong with them."""

    tables: tuple[Table, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    problems: tuple[Problem, ...] = ()
    layouts: tuple[tuple[DataFile, Layout], ...] = ()


def open_formed(name: str, placed: Placed[Source], files: Sequence[DataFile], written: Project) -> Formed:
    """The tables of source *name*, read in its format."""
    form = _format(name, placed, written)
    if isinstance(form, Problem):
        return Formed(problems=(form,))
    problems: list[Problem] = []
    period = _period(placed, written, problems)
    asked = asked_of(placed, written.settings.written.defaults.timezone, period, problems)
    if errors(problems):
        return Formed(problems=tuple(problems))
    laid_out = [(file, lay_out(file, form, asked, known_formats(written))) for file in files]
    problems += [problem for _, layout in laid_out for problem in layout.problems]
    dropped = [one for _, layout in laid_out for one in layout.dropped]
    if errors(problems):
        return Formed((), tuple(dropped), tuple(problems), tuple(laid_out))
    laid_out, repeats = without_repeats(placed, laid_out)
    tables, left, found = tables_of(name, placed, laid_out, period)
    return Formed(tuple(tables), (*dropped, *repeats, *left), (*problems, *found), tuple(laid_out))


def known_formats(written: Project | None) -> Callable[[], Sequence[Format]]:
    """The formats that ship, and those of the project's own packs."""

    def known() -> Sequence[Format]:
        return [*own_formats(written).values(), *shipped_formats().values()]

    return known


def own_formats(written: Project | None) -> dict[str, Format]:
    """The formats of the project's own packs."""
    if written is None:
        return {}
    return {name: format_of(name, placed.written) for name, placed in written.readers().items()}


def _format(name: str, placed: Placed[Source], written: Project) -> Format | Problem:
    wanted = placed.written.format
    if wanted is None:
        return plain_format(name, placed)
    own = own_formats(written)
    found = own.get(wanted) or shipped_format(wanted)
    if found is None:
        known = [*own, *shipped_formats()]
        help_ = did_you_mean(wanted, known, list_up_to=40)
        return Problem("GK209", f"unknown format '{wanted}'", placed.at("format"), help_)
    return found


def _period(placed: Placed[Source], written: Project, problems: list[Problem]) -> Window | None:
    text = placed.written.period
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        pass
    else:
        return Window(day, day)
    try:
        return parse_period(text, calendar_of_file(written.settings.written.defaults))
    except ValueError as error:
        problems.append(Problem("GK210", str(error), placed.at("period")))
        return None


def asked_of(placed: Placed[Source], timezone: str, period: Window | None, problems: list[Problem]) -> Asked:
    """What the author says of a source beside its format."""
    source = placed.written
    time = source.time
    columns = dict(source.columns)
    header = time.column if isinstance(time, TimeColumn) else time
    if header is not None and source.format is not None:
        columns[".day"] = source.columns.get(header, header)
    dedupe = source.dedupe
    return Asked(
        timezone,
        source.encoding,
        columns,
        time.format if isinstance(time, TimeColumn) else None,
        number_examples(placed, problems),
        ("all",) if dedupe == "all" else tuple(dedupe or ()),
        {column: tuple(map(str, values)) for column, values in source.drop.items()},
        period,
        source.table,
    )
