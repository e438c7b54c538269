"""The embedded engine: DuckDB over the files, in memory, locked to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.engines import fetched, looks, parts, sql
from goalkeeper.engines.fits import Fit
from goalkeeper.engines.locked import connected
from goalkeeper.engines.relation import relation
from goalkeeper.engines.unreadable import name_taken, unreadable
from goalkeeper.paths import USUAL, Allowed, written_beside
from goalkeeper.problems import Problem, ProblemsFound
from goalkeeper.reduction import (
    Against,
    Alone,
    Cells,
    Reduced,
    SourceReduction,
)
from goalkeeper.sources.cells import cells_of
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.moments import Moment, turned_round
from goalkeeper.sources.notation import is_mark
from goalkeeper.sources.objects import keys_alike, without_objects
from goalkeeper.sources.rows import SHOWN, no_day, odd_cell, odd_rows
from goalkeeper.sources.table import SAMPLE_ROWS, Column, Sample, Table

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
MANY_TEXTS = 1000
"""Of the odd texts of a column so many are looked for in its files."""
FEW = 5000
"""Beyond so many rows a result is fetched in arrays."""
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")


class DuckDB:
    """An engine for one run. It can read the files that it was made for, and nothing else."""

    def __init__(self, files: Sequence[DataFile], allowed: Allowed = USUAL) -> None:
        self._connection = connected([file.path for file in files], allowed)
        self._known_texts: dict[tuple[str, str], list[str | None]] = {}
        self._held_tables: dict[str, str] = {}

    def sample(self, name: str, files: Sequence[DataFile], names_in: Sequence[str]) -> Sample | list[Problem]:
        """See `Engine.sample`."""
        try:
            relation = self._relation(files)
            found = self._connection.execute(f"SELECT * FROM {relation} LIMIT {SAMPLE_ROWS}")
            types = {column[0]: _type(str(column[1])) for column in found.description}
            types.pop(parts.FILE, None)
            rows = [[None if cell is None else str(cell) for cell in row] for row in found.fetchall()]
            names = {c: [v for v in self._values(relation, c) if v is not None] for c in names_in if c in types}
        except duckdb.Error as error:
            return [unreadable(name, files, error)]
        if set(types) == {"json"}:  # so the database calls values that are no objects
            nothing = [problem for file in files if file.kind == "json" and (problem := without_objects(file))]
            if nothing:
                return nothing
        alike = [problem for file in files if file.kind == "json" and (problem := keys_alike(file, list(types)))]
        if alike:
            return alike
        return Sample(types, rows, names)

    def _rows_of(self, table: Table) -> str:
        """What the rows of a table are selected from."""
        if _is_laid(table):
            if table.name not in self._held_tables:
                self._held_tables[table.name] = self._take(table)
            return self._held_tables[table.name]
        return self._relation(table.files)

    def _take(self, table: Table) -> str:
        """The rows of a table that was laid out, taken into the database: cells as texts, numbers in plain digits."""
        parted = []
        for number, file in enumerate(table.files):
            name = parts.name(table.name if number == 0 else f"{table.name} {number + 1}")
            columns = list(cells_of(table, file))
            picks = [f"unnest($c{place}::VARCHAR[]) AS {parts.name(id_)}" for place, (id_, _) in enumerate(columns)]
            values = {f"c{place}": cells for place, (_, cells) in enumerate(columns)}
            self._connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(picks)}", values)
            parted.append((name, file))
        if len(parted) == 1:
            return parted[0][0]
        selects = (
            f"SELECT *, {parts.text(parts.place(file.path))} AS {parts.name(parts.FILE)} FROM {name}"
            for name, file in parted
        )
        return "(" + " UNION ALL BY NAME ".join(selects) + ")"

    def let_go(self) -> None:
        """Forget the tables that were taken in, so that others may have their names."""
        for rows in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            self._connection.execute(f"DROP TABLE {parts.name(rows[0])}")
        self._held_tables.clear()
        self._known_texts.clear()

    def _relation(self, files: Sequence[DataFile]) -> str:
        keys = {file.path: self._json_keys(file) if file.kind == "json" else file.header for file in files}
        return relation(files, keys)

    def _json_keys(self, file: DataFile) -> tuple[str, ...]:
        query = f"DESCRIBE SELECT * FROM read_json({parts.pattern(file.path)}, sample_size = -1)"
        return tuple(row[0] for row in self._connection.execute(query).fetchall())

    def _values(self, relation: str, column: str) -> list[str | None]:
        query = f"SELECT DISTINCT CAST({parts.name(column)} AS VARCHAR) FROM {relation} ORDER BY 1"
        return [row[0] for row in self._connection.execute(query).fetchall()]

    def values(self, table: Table, column: str) -> frozenset[str]:
        """See `Engine.values`."""
        spellings = table.spellings.get(column)
        with _telling(table.name, table.files):
            found = [value or "" for value in self._texts(table, column)]
        return frozenset(found if spellings is None else map(spellings.of, found))

    def _texts(self, table: Table, column: str) -> list[str | None]:
        """The texts of a column, as they are written; looked for once."""
        known = table.name, column
        if known not in self._known_texts:
            self._known_texts[known] = self._values(self._rows_of(table), table.columns[column].header)
        return self._known_texts[known]

    def _spelt(self, asked: SourceReduction) -> SourceReduction:
        """*asked* with the texts that its rows have for names, in the dimensions that it looks at."""
        table = asked.table
        spelt = {
            column: {text: name for text in self._texts(table, column) if text and (name := spellings.of(text)) != text}
            for column, spellings in table.spellings.items()
            if column in asked.dimensions
        }
        return replace(asked, table=replace(table, spelt=spelt)) if spelt else asked

    def against_others(self, table: Table, dimension: str, value: str, totals: Sequence[str]) -> list[Against]:
        """See `Engine.against_others`."""
        columns = looks.adding(table)
        if not columns:
            return []
        try:
            query = looks.against_others(table, self._rows_of(table), dimension, value, totals, columns)
            row = self._connection.execute(*query).fetchone() or ()
        except duckdb.Error:  # what is wrong with a file is said when it is reduced
            return []
        told = [Against(column.id, *row[4 * place : 4 * place + 4]) for place, column in enumerate(columns)]
        return [against for against in told if against.days]

    def daily(self, table: Table, columns: Sequence[Column]) -> Mapping[str, Sequence[tuple[str, float]]]:
        """See `Engine.daily`."""
        if not columns or not table.day:
            return {}
        try:
            found = self._connection.execute(looks.daily(table, self._rows_of(table), columns)).fetchall()
        except duckdb.Error:  # what is wrong with a file is said when it is reduced
            return {}
        return {
            column.id: sorted((day, mean) for day, *means in found if (mean := means[place]) is not None)
            for place, column in enumerate(columns)
        }

    def repeated(self, table: Table) -> tuple[int, list[str]]:
        """See `Engine.repeated`."""
        with _telling(table.name, table.files):
            count, cells = self._connection.execute(looks.repeated(table, self._rows_of(table))).fetchone() or (0, None)
        return int(count), [cell or "" for cell in cells or ()]

    def texts(self, file: DataFile, most: int | None = None) -> tuple[list[str], list[tuple[str | None, ...]]]:
        """The names of the columns of a file that knows its types, and all its cells (of so many rows) as texts."""
        with _telling(file.shown, [file]):
            found = self._connection.execute(looks.texts(file.path, most))
            return [column[0] for column in found.description], found.fetchall()

    def sql(self, asked: SourceReduction) -> list[tuple[str, Mapping[str, Any]]]:
        """See `Engine.sql`."""
        with _telling(asked.table.name, asked.table.files):
            asked = self._spelt(asked)
            relation = self._rows_of(asked.table)
        queries = [sql.flows(asked, relation, sql.may_fit(asked, self._kinds(asked.table, relation)))]
        if asked.levels:
            queries.append(sql.levels(asked, relation))
        if asked.quantiles:
            queries.append(sql.quantiles(asked, relation))
        return queries

    def by_hand(self, asked: SourceReduction, alone: Alone) -> str:
        """See `Engine.by_hand`."""
        from goalkeeper.engines import by_hand  # to explain, never on the way to a score

        with _telling(asked.table.name, asked.table.files):
            return by_hand.number(self._spelt(asked), alone)

    def view(self, table: Table, rows: str | None = None) -> str:
        """See `Engine.view`."""
        name = parts.name(table.name)
        if not _is_laid(table):
            return f"CREATE VIEW {name} AS SELECT * FROM {self._relation(table.files)};"
        file = parts.text(f"{rows or 'ROWS'}/{table.name}.csv")
        return f"CREATE VIEW {name} AS SELECT * FROM read_csv({file}, all_varchar = true, header = true, delim = ',', quote = '\"');"

    def write_rows(self, table: Table, folder: Path) -> Path | None:
        """See `Engine.write_rows`."""
        import csv  # to explain, too

        if not _is_laid(table):
            return None
        found = self._connection.execute(f"SELECT * FROM {self._rows_of(table)}")
        path = folder / f"{table.name}.csv"
        with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(column[0] for column in found.description)
            while rows := found.fetchmany(10_000):
                writer.writerows(rows)
        return path

    def reduce(self, asked: SourceReduction) -> Reduced:
        """See `Engine.reduce`."""
        taken = next(parts.names_taken(asked.table.types, sql.dimensions_of(asked), asked.tallies), None)
        if taken is not None:
            return Reduced(asked, {}, None, 0, (name_taken(asked.table, taken),))
        try:
            asked = self._spelt(asked)
            relation = self._rows_of(asked.table)
            columns = self._flows(asked, relation)
            cells, grains = fetched.cells(asked, columns)
            levels = None
            if asked.levels:
                levels = fetched.levels(asked, self._columns(*sql.levels(asked, relation)))
            quantiles = (
                dict(fetched.quantiles(asked, self._columns(*sql.quantiles(asked, relation))))
                if asked.quantiles
                else {}
            )
            rows, file_rows = self._rows(asked, cells)
            problems = (*self._odd_cells(asked, relation, columns), *self._without_day(asked.table))
            extent = (asked.table.extent or fetched.extent(asked, columns)) if asked.table.zero_days else None
            held = extent or self._held(asked, relation, columns)
        except duckdb.Error as error:
            problem = unreadable(asked.table.name, asked.table.files, error)
            return Reduced(asked, {}, None, 0, (problem,))
        return Reduced(asked, cells, levels, rows, problems, file_rows, extent, grains, quantiles, held)

    def _flows(self, asked: SourceReduction, relation: str) -> dict[str, Sequence[Any]]:
        """What adds up, by the quickest way that is exact.

        Where floats are not proven to be whole millionths, they are added up once more as wide decimals; a sum that is
        larger than those is asked for in two parts.
        """
        fits = sql.may_fit(asked, self._kinds(asked.table, relation))
        try:
            columns = self._columns(*sql.flows(asked, relation, fits))
            if all(columns.get(".proven", ())):
                return columns
            wide = {header: fit for header, fit in fits.items() if fit is Fit.AS_IT_IS}
            return self._columns(*sql.flows(asked, relation, wide))
        except duckdb.OutOfRangeException:
            return self._columns(*sql.flows(asked, relation, {}, large=True))

    def _kinds(self, table: Table, relation: str) -> Mapping[str, str]:
        """The types that the database has for columns, where the files know them."""
        if any(file.kind != "parquet" for file in table.files):
            return {}
        found = self._connection.execute(f"SELECT * FROM {relation} LIMIT 0").description
        return {column[0]: str(column[1]) for column in found}

    def _held(self, asked: SourceReduction, relation: str, columns: Mapping[str, Sequence[Any]]) -> Window | None:
        """The days that there are rows of, where a stretch has none: of rows that were not all seen, by another look."""
        if set(range(len(asked.stretches))) <= set(columns[".stretch"]):
            return None
        return fetched.extent(
            asked, columns if asked.sees_every_row else self._columns(sql.extent(asked, relation), {})
        )

    def _odd_cells(
        self, asked: SourceReduction, relation: str, columns: Mapping[str, Sequence[Any]]
    ) -> Iterator[Problem]:
        """Cells that do not hold what their column holds; the files are read again only to name them."""
        table = asked.table
        one_set = (
            fetched.ints(columns[".set"]) == fetched.ints(columns[".set"])[:1] if ".set" in columns else np.array(True)
        )

        def counted(key: str) -> int:
            return int(fetched.ints(columns[key])[one_set].sum()) if key in columns else 0

        if counted(".bad_days"):
            yield from odd_rows(table, table.day, "day", self._odd_texts(asked, relation, None))
        for column in sql.summed(asked):
            if not counted(f"{column.header}.bad"):
                continue
            if column.typed is None or all(file.kind != "parquet" for file in table.files):
                texts = [text for text in self._odd_texts(asked, relation, column) if not is_mark(text)]
                if texts:
                    yield from odd_rows(table, column.header, "number", texts)
            else:
                yield from self._odd_typed(table, column)
        for one in asked.moments:
            # Of the column of the days, what is no time is mostly no day either, and said.
            if counted(f"{one.header}.no_time") and not (one.header == table.day and counted(".bad_days")):
                texts = [text for text in self._odd_texts(asked, relation, one) if not is_mark(text)]
                if texts:
                    yield from odd_rows(table, one.header, "time", texts, one.form)
        for place, pair in enumerate(asked.pairs):
            rows = counted(f"{place}.before")
            if rows:
                since, until = self._connection.execute(sql.first_before(pair, relation)).fetchone() or ("", "")
                yield turned_round(table, pair, rows, since, until)

    def _odd_texts(self, asked: SourceReduction, relation: str, column: Column | Moment | None) -> list[str]:
        query = sql.odd_texts(asked, relation, column, MANY_TEXTS)
        return [row[0] for row in self._connection.execute(query).fetchall()]

    def _odd_typed(self, table: Table, column: Column) -> Iterator[Problem]:
        for file in table.files:
            query = sql.odd_rows(column, file.path, SHOWN)
            for row, cell in self._connection.execute(query).fetchall():
                yield odd_cell(file.shown, 1, column.header, cell, None, row)

    def _without_day(self, table: Table) -> Iterator[Problem]:
        """The rows of Parquet files that have no day: no window would count them. The footer says whether there may be any."""
        for file in table.files if table.day_format is None and table.day else ():
            may_lack = self._connection.execute(sql.may_lack_days(file.path), {"day": table.day}).fetchone()
            if may_lack is None or not may_lack[0]:
                continue
            rows = self._connection.execute(sql.rows_without_day(table.day, file.path, SHOWN)).fetchall()
            yield from (no_day(file.shown, table.day, row, cell) for row, cell in rows)

    def _columns(self, query: str, values: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        """What a query gives, by column. For a few rows, the database's own arrays load more than they save."""
        found = self._connection.execute(query, values)
        names = [column[0] for column in found.description]
        rows = found.fetchmany(FEW)
        first = zip(*rows, strict=True) if rows else [()] * len(names)
        if len(rows) < FEW:
            return dict(zip(names, first, strict=True))
        rest = found.fetchnumpy()
        return {name: [*column, *rest[name].tolist()] for name, column in zip(names, first, strict=True)}

    def _rows(self, asked: SourceReduction, cells: Mapping[tuple[str, ...], Cells]) -> tuple[int, dict[str, int]]:
        """All rows of the source, and those of each file where there are several."""
        shown = {parts.place(file.path): file.shown for file in asked.table.files}
        # The sheets of one workbook are several files here, too.
        by_file = dict.fromkeys(shown.values(), 0) if len(asked.table.files) > 1 else {}
        if asked.table.day_format is None:
            # Counting rows of a file that knows its types reads no row: the number is in its footer.
            for path, name in shown.items():
                query = f"SELECT count(*) FROM read_parquet({parts.text(escape(path))})"
                by_file[name] = (self._connection.execute(query).fetchone() or (0,))[0]
            return sum(by_file.values()), by_file
        if (parts.FILE,) in cells:
            counted = cells[(parts.FILE,)]
            for path, rows in zip(counted.keys[0], counted.rows, strict=True):
                by_file[shown[path]] += int(rows)
        return int(next(iter(cells.values())).rows.sum()), by_file


@contextmanager
def _telling(name: str, files: Sequence[DataFile]) -> Iterator[None]:
    """Tells what keeps a source from being read once more, such as a file that is gone by then.

    Raises:
        ProblemsFound: with that.
    """
    try:
        yield
    except duckdb.Error as error:
        raise ProblemsFound([unreadable(name, files, error)]) from None


def _is_laid(table: Table) -> bool:
    """Whether a table was laid out from a file that the database cannot read as it is."""
    return bool(table.files) and table.files[0].kind == "laid"


def _type(name: str) -> str:
    """What a column of the database holds, in our words: text, number, day, instant or other."""
    if name == "VARCHAR":
        return "text"
    if name in _NUMBERS or name.startswith(_FRACTIONS):
        return "number"
    if name in {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}:
        return "day"
    return "instant" if name == "TIMESTAMP WITH TIME ZONE" else "other"
