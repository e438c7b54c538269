"""Sources that are laid out before they are read: those with a format, and plain ones that a database does not read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.dates import parse_date, parse_period
from goalkeeper.model_readers import Reader
from goalkeeper.model_sources import Source, TimeColumn
from goalkeeper.paths import USUAL, Allowed
from goalkeeper.problems import DATA_CODES, Problem, Severity, Span, did_you_mean, errors
from goalkeeper.project import SHIPPED, Placed, Project
from goalkeeper.said import one_of, quoted, say
from goalkeeper.settings import calendar_of_file
from goalkeeper.sources.described import number_examples
from goalkeeper.sources.files import DataFile, locate
from goalkeeper.sources.formats import DAY, Format, format_of
from goalkeeper.sources.formed import tables_of
from goalkeeper.sources.grid import Grid, Row
from goalkeeper.sources.laid import Asked, Dropped, Layout
from goalkeeper.sources.layout import grids_of, lay_out_grids
from goalkeeper.sources.nearly import nearest_in
from goalkeeper.sources.overlaps import without_repeats
from goalkeeper.sources.plain import lines_above, plain_format, readable, sheets_apart
from goalkeeper.sources.shipped import shipped_format, shipped_formats
from goalkeeper.sources.sniffed import Fit, best_fit, fits
from goalkeeper.sources.table import Table

OF_ROWS = {"GK302", "GK305", "GK306", "GK318", "GK323", "GK326"}
"""What is wrong with the bytes or rows of a file whose header was found."""


class Formed(Struct, frozen=True):
    """The tables of a source, what of its files is not read, and what is wrong with them."""

    tables: tuple[Table, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    problems: tuple[Problem, ...] = ()
    layouts: tuple[tuple[DataFile, Layout], ...] = ()

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What else is worth knowing of how its files were read, each with its file."""
        return tuple((file.shown, note) for file, layout in self.layouts for note in layout.notes)


def open_formed(name: str, placed: Placed[Source], files: Sequence[DataFile], written: Project) -> Formed:
    """The tables of source *name*, read in its format."""
    form = _format(name, placed, written)
    if isinstance(form, Problem):
        return Formed(problems=(form,))
    if form.plain and placed.written.long is not None:
        return Formed(problems=(_long(placed),))
    problems: list[Problem] = []
    period = _period(placed, written, problems)
    asked = asked_of(placed, written.settings.written.defaults.timezone, period, problems)
    if errors(problems):
        return Formed(problems=tuple(problems))
    lay = _lay_plain(placed, written.allowed) if form.plain else _lay_formed(written)
    laid_out = [(file, lay(file, form, asked)) for file in files]
    problems += [problem for _, layout in laid_out for problem in layout.problems]
    dropped = [one for _, layout in laid_out for one in layout.dropped]
    if errors(problems):
        return Formed((), tuple(dropped), tuple(problems), tuple(laid_out))
    laid_out, repeats = without_repeats(placed, laid_out)
    tables, left, found = tables_of(name, placed, laid_out, period)
    return Formed(tuple(tables), (*dropped, *repeats, *left), (*problems, *found), tuple(laid_out))


def open_again(name: str, placed: Placed[Source], written: Project, wrong: Sequence[Problem]) -> Formed:
    """A plain source that cannot be read as it is: laid out where its files say how, else what is wrong with it.

    A mark of UTF-16, a line that names the delimiter, a header below other lines: such things are not guessed.
    """
    files, missing = locate(placed, written.allowed, plain=False)
    if errors(missing):
        return Formed(problems=tuple(wrong))
    if _exports(files, written) == {}:
        formed = open_formed(name, placed, files, written)
        if formed.tables and not errors(formed.problems):
            return replace(formed, problems=(*missing, *formed.problems))
        # A header that is not found is no better told by laying files out; what lies below one is.
        nearer = [p for p in errors(formed.problems) if p.code in OF_ROWS]
        wrong = nearer or wrong
    return Formed(problems=tuple(with_format(wrong, files, written)))


def with_format(problems: Iterable[Problem], files: Sequence[DataFile], written: Project) -> list[Problem]:
    """What is wrong with the files of a plain source; where one is an export that is known, its format is the cure."""
    found = list(problems)
    if not any(_about_data(problem) for problem in found):
        return found
    exports = _exports(files, written)
    told: list[Problem] = []
    for problem in found:
        file = problem.span.file if problem.span else ""
        like = exports.pop(file, None)
        if like is None and _about_data(problem) and file not in {one.shown for one in files}:
            like = next(iter(exports.values()), None)
            exports = {}
        told.append(problem if like is None else replace(problem, help=_cure(like, problem.help)))
    return told


def _cure(like: str, as_table: str) -> str:
    return say(
        "it looks like an export of '{format}': write {yaml} under the source; as a plain table: {cure}"
        if as_table
        else "it looks like an export of '{format}': write {yaml} under the source",
        format=like,
        yaml=f"format: {like}",
        cure=as_table,
    )


def _about_data(problem: Problem) -> bool:
    about = problem.code.startswith(DATA_CODES) or problem.code == "GK111"  # that no day column is named
    return about and problem.severity is Severity.ERROR


def _exports(files: Sequence[DataFile], written: Project) -> dict[str, str]:
    """The files that are exports of a known format, and which."""
    known = known_formats(written)()
    found = {file.shown: best_fit(file, known) for file in files if file.kind in {"csv", "workbook"}}
    return {shown: fit.form.name for shown, fit in found.items() if fit is not None}


def _lay_formed(written: Project) -> Callable[[DataFile, Format, Asked], Layout]:
    known = known_formats(written)

    def lay(file: DataFile, form: Format, asked: Asked) -> Layout:
        if file.kind == "parquet":
            return lay_out_grids(file, form, asked, [typed_cells(file, allowed=written.allowed)], "")
        grids, encoding, problems = grids_of(file, form.encodings, asked.encoding)
        layout = (
            Layout(form, problems=tuple(problems), encoding=encoding)
            if problems
            else lay_out_grids(file, form, asked, grids, encoding)
        )
        # A table whose rows have no day has few columns of its own; and sheets that are not read may hold as much again.
        undated = asked.period is not None or any(DAY not in laid.header for laid in layout.tables)
        unread = file.kind == "workbook" and layout.dropped
        doubtful = undated or unread or errors(layout.problems)
        return _or_another(file, layout, asked, grids, known()) if doubtful else layout

    return lay


def _or_another(file: DataFile, layout: Layout, asked: Asked, grids: Sequence[Grid], known: Sequence[Format]) -> Layout:
    """What is wrong with a file in its format; where that is not its format at all, this alone is said."""
    found = fits(file, known)
    best = [fit.form.name for fit in found if fit.columns == found[0].columns]
    others = [name for name in best if layout.form is not None and name != layout.form.name]
    if layout.form is None or not others:
        return layout
    names = one_of(map(quoted, others))
    cure = say(
        "write {yaml}, or look at it: {command}",
        yaml=one_of(f"format: {name}" for name in others),
        command=f"goalkeeper inspect '{file.shown}'",
    )
    mine = layout.form.name in {fit.form.name for fit in found} or _is_nearer(grids, layout.form, asked, found[0])
    if asked.columns or layout.form.name in best or (mine and errors(layout.problems)):
        told = (
            replace(
                p, help=say("{help}; if it is an export of {formats}, {cure}", help=p.help, formats=names, cure=cure)
            )
            for p in layout.problems
        )
        return replace(layout, problems=tuple(told))
    text = say(
        "'{file}' is no '{format}': it looks like {formats}",
        file=file.shown,
        format=layout.form.name,
        formats=names,
    )
    return replace(layout, problems=(Problem("GK320", text, Span(file.shown, 1, 1), cure),))


def _is_nearer(grids: Sequence[Grid], form: Format, asked: Asked, best: Fit) -> bool:
    """Whether a file has more of the columns of *form*, though one that it needs is not there, than of the *best*."""
    near, _ = nearest_in(grids, form, asked.columns)
    return near is not None and near.known >= best.columns


def _lay_plain(placed: Placed[Source], allowed: Allowed) -> Callable[[DataFile, Format, Asked], Layout]:
    def lay(file: DataFile, form: Format, asked: Asked) -> Layout:
        if file.kind == "parquet":
            return lay_out_grids(file, form, asked, [typed_cells(file, allowed=allowed)], "")
        grids, encoding, problems = grids_of(file, form.encodings, asked.encoding)
        dropped: list[Dropped] = []
        if not problems:
            grids, dropped, problems = readable(file, grids, placed)
        if problems:
            return Layout(form, problems=tuple(problems), encoding=encoding)
        layout = lay_out_grids(file, form, asked, [grid for grid in grids if not grid.hidden], encoding)
        if not layout.tables and any(grid.hidden for grid in grids):
            layout, dropped = lay_out_grids(file, form, asked, grids, encoding), []
        apart = sheets_apart(placed, file, layout) if len(layout.tables) > 1 else ()
        return replace(
            layout,
            dropped=(*dropped, *layout.dropped),
            notes=(*lines_above(file, layout), *layout.notes),
            problems=(*layout.problems, *apart),
        )

    return lay


def typed_cells(file: DataFile, most: int | None = None, *, allowed: Allowed = USUAL) -> Grid:
    """The rows of a Parquet file, the first or all of them, with all cells as texts."""
    from goalkeeper.engines.duckdb import DuckDB  # few sources that are laid out are Parquet

    names, rows = DuckDB([file], allowed).texts(file, most)
    body = (Row(number, tuple(cell or "" for cell in row)) for number, row in enumerate(rows, 1))
    return Grid((Row(1, tuple(names)), *body))


def known_formats(written: Project | None) -> Callable[[], Sequence[Format]]:
    """The formats that ship, and those of the project's own packs."""

    def known() -> Sequence[Format]:
        own = own_formats(written)
        return [*own.values(), *(form for name, form in shipped_formats().items() if name not in own)]

    return known


def own_formats(written: Project | None) -> dict[str, Format]:
    """The formats of the packs in use."""
    if written is None:
        return {}
    return {name: _own(name, placed) for name, placed in written.readers().items()}


def _own(name: str, placed: Placed[Reader]) -> Format:
    return format_of(name, placed.written, ships=placed.document.file.startswith(SHIPPED))


def _format(name: str, placed: Placed[Source], written: Project) -> Format | Problem:
    wanted = placed.written.format
    if wanted is None:
        return plain_format(name, placed)
    own = written.readers()
    found = _own(wanted, own[wanted]) if wanted in own else shipped_format(wanted)
    if found is None:
        known = [*own, *shipped_formats()]
        help_ = did_you_mean(wanted, known, list_up_to=40)
        return Problem("GK209", say("unknown format '{format}'", format=wanted), placed.at("format"), help_)
    return found


def _long(placed: Placed[Source]) -> Problem:
    return Problem(
        "GK115",
        say("'long' is for CSV in UTF-8 whose first line is the header, JSON and Parquet, all rows of it"),
        placed.at("long", key=True),
        say("save the file so, and take out drop, dedupe, encoding, period and table; or describe it: docs/readers.md"),
    )


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
        source.grain if "grain" in source.model_fields_set else None,
    )


__all__ = [
    "Formed",
    "asked_of",
    "known_formats",
    "open_again",
    "open_formed",
    "own_formats",
    "typed_cells",
    "with_format",
]
