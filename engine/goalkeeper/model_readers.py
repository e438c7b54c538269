"""Readers as written: what the export of a platform looks like, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from goalkeeper.model_base import (
    DIRECTION_HELP,
    LABEL_HELP,
    UNIT_HELP,
    Aspect,
    Grain,
    Kind,
    MeasureLevel,
    Text,
    Truth,
    Written,
)
from goalkeeper.said import say


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[
    list[Text],
    Field(min_length=1),
    BeforeValidator(_listed),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
"""One text, or several that stand for the same: headers in different languages, days in different ways."""

HEADER_HELP = (
    "The header of the column, or several that it goes by in different languages and versions. Case, spaces and the "
    "letters of Arabic and Persian keyboards make no difference. `{unit}` stands for a currency: `Amount spent ({unit})`."
)


class DayColumn(Written):
    """Where the day of a row is written."""

    header: Texts = Field(description=HEADER_HELP)
    format: Texts | None = Field(
        default=None,
        description="How days are written, in strptime letters; several where exports differ. Left out: proven from the "
        "column, or asked for.",
        examples=["%m/%d/%Y %H:%M"],
    )
    serial: Truth = Field(default=False, description="Whether bare numbers are days as spreadsheets count them.")
    optional: Truth = Field(
        default=False, description="Whether some exports have no such column: their source then says `period`."
    )


class DaySpan(Written):
    """For rows that stand for several days: where the first and the last are written."""

    from_: Texts | None = Field(default=None, alias="from", description="The column with the first day.")
    to: Texts | None = Field(default=None, description="The column with the last day.")
    header: Texts | None = Field(
        default=None, description="One column with both: `2026-05-01 - 2026-05-31`. One day alone stands for itself."
    )
    format: Texts | None = Field(default=None, description="How days are written, in strptime letters.")


def _span_tag(value: Any) -> str:
    return "several" if isinstance(value, list) else "one"


AnySpan = Annotated[
    Annotated[DaySpan, Tag("one")] | Annotated[Annotated[list[DaySpan], Field(min_length=1)], Tag("several")],
    Discriminator(_span_tag),
]
"""Where the days of a row are written, or several such places: the first that a file has."""


class NameAndValue(Written):
    """The two columns of a table with one number a row."""

    metric: Texts = Field(description="The column that names the metric.")
    value: Texts = Field(description="The column that holds the number.")


class PeriodText(Written):
    """How a file says which days it is about."""

    name: Text | None = Field(
        default=None, description="A regular expression over the file's name, with the groups `first` and `last`."
    )
    preamble: Text | None = Field(
        default=None, description="A regular expression over a line before the header, with the same groups."
    )
    format: Texts = Field(
        description="How the days are written, in strptime letters; several where exports differ.",
        examples=["%Y.%m.%d"],
    )
    months: Annotated[list[Text], Field(min_length=12, max_length=12)] | None = Field(
        default=None,
        description="The names of the months, where they are not English; in the format they are `%m`.",
    )


class DayNumber(Written):
    """A column that counts the days of the file's period: 0000 is its first."""

    header: Texts = Field(description=HEADER_HELP)


class Drop(Written):
    """Rows that are left out, and why. They are counted and listed."""

    column: Text | None = Field(
        default=None, description="The id or header of the column to look at. Left out: the first of the file."
    )
    value: Texts | None = Field(default=None, description="The texts or patterns (`Total:*`) that it holds.")
    blank: Truth = Field(default=False, description="Whether its cell is blank.")
    why: Text = Field(description="Why these rows are no data.")


CellForm = Literal["number", "money", "percent", "duration"]


class ReaderColumn(Written):
    """A column that is read as a metric."""

    model_config = ConfigDict(
        json_schema_extra={"if": {"not": {"required": ["per_row"]}}, "then": {"required": ["header"]}}
    )

    header: Texts | None = Field(default=None, description=HEADER_HELP)
    kind: Kind = Field(default="flow", description="How it adds up, as the kind of a metric.")
    weighted_by: Texts | None = Field(
        default=None,
        description="For an average: the metric of the same rows that it is weighted by; of several the first that a file "
        "has.",
    )
    told_by: Text | None = Field(
        default=None,
        description="The dimension that says what is counted, where the column holds counts of several kinds that do not "
        "add up.",
    )
    percentile: Annotated[float, Field(gt=0, lt=100)] | None = Field(default=None, description="For a percentile.")
    unit: Text | None = Field(default=None, description=UNIT_HELP)
    units: dict[Text, Text] = Field(
        default={},
        description="What stands beside a number in a cell, and the unit that it means: `{تومان: toman, ریال: IRR}`. "
        "Amounts are turned into the unit of the column.",
    )
    direction: Literal["up", "down"] | None = Field(default=None, description=DIRECTION_HELP)
    label: dict[Literal["en", "fa"], Text] | None = Field(default=None, description=LABEL_HELP)
    level: MeasureLevel | None = Field(default=None, description="1 to 3, as that of a KPI.")
    stage: Text | None = Field(default=None, description="The funnel stage.")
    aspect: Aspect | None = Field(default=None, description="Which of the field's three benchmarks it belongs to.")
    written: CellForm = Field(
        default="number",
        description="How its cells are written: a `number`; `money`, whose currency stands in the header, beside the numbers "
        "or in the column of `unit_in`; `percent` (with a sign, or as a number out of 100); or a `duration` such as "
        "00:01:44, which is read in seconds.",
    )
    unit_in: Texts | None = Field(default=None, description="For money: the column that names the currency.")
    values: dict[str, int | float] = Field(
        default={},
        description="For cells that hold words: the number that each stands for. A blank cell has none, unless '' is among "
        "them.",
        examples=[{"yes": 1, "no": 0}],
    )
    per_row: Text | None = Field(
        default=None,
        description="Instead of a header: a formula over other columns of the same row, or a number that each row stands "
        "for. `A if B else C` is A where B is not 0.",
        examples=["likes + comments + shares", "1"],
    )
    optional: Truth = Field(default=False, description="Whether some exports have no such column.")

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.header is None and self.per_row is None:
            raise ValueError(say("a column has a header, or a formula per_row"))
        return self


Headers = Text | Annotated[list[Text], Field(min_length=1)]
"""A header alone, or several."""


def _column(value: Any) -> Any:
    return {"header": value} if isinstance(value, str | list) else value


AnyColumn = Annotated[ReaderColumn, BeforeValidator(_column, json_schema_input_type=Headers | ReaderColumn)]
"""A column; a header alone is a flow."""


class ReaderDimension(Written):
    """A column that tells segments apart."""

    header: Texts = Field(description=HEADER_HELP)
    optional: Truth = Field(default=False, description="Whether some exports have no such column.")


AnyDimension = Annotated[ReaderDimension, BeforeValidator(_column, json_schema_input_type=Headers | ReaderDimension)]
"""A dimension; a header alone is in every export."""


class Shared(Written):
    """What a reader says of all its tables, and a table of itself."""

    time: DayColumn | None = Field(default=None, description="The column with the day of a row.")
    span: AnySpan | None = Field(
        default=None,
        description="For rows that stand for several days: where these are written, or several such places.",
    )
    day_number: DayNumber | None = Field(default=None, description="For rows that count the days of the period.")
    grain: Grain | None = Field(default=None, description="What one row stands for.")
    columns: dict[Text, AnyColumn] = Field(default={}, description="The metrics, each under its id.")
    needs: list[Text] = Field(default=[], description="Optional metrics without which it is not this table.")
    dimensions: dict[Text, AnyDimension] = Field(
        default={}, description="What tells segments apart, each with its headers."
    )
    spellings: dict[Text, dict[Text, Texts]] = Field(
        default={}, description="For a dimension: each value, and the other ways in which it is written."
    )
    alike: list[Text] = Field(
        default=[],
        description="Dimensions in which texts that differ only in case, blanks or the letters of Arabic and Persian "
        "keyboards are one: all are read in the spelling that reads best.",
    )
    key: list[Text] = Field(
        default=[],
        description="What makes a row one of its kind; `day` is its day, `all` every cell. A second row with it is a "
        "problem. Optional columns count where a file has them.",
    )
    file_key: list[Text] = Field(
        default=[],
        description="What makes a row one of its kind among the rows of other files, where rows of one file may be alike "
        "in it. Left out: the key.",
    )
    drop: list[Drop] = Field(default=[], description="Rows that are no data.")
    totals: Literal["unlabelled"] | None = Field(
        default=None, description="`unlabelled`: a row with blank dimensions that holds the totals of the others."
    )
    missing: Literal["unknown", "zero"] | None = Field(
        default=None, description="What a day without any row means, between the first and the last of the file."
    )
    blank: list[Text] = Field(default=[], description="What stands in a cell without a number, beside nothing.")
    ignored: dict[Text, Text] = Field(
        default={}, description="Columns that are not read, and why; `*` in a header stands for any text."
    )
    short_rows: Truth = Field(default=False, description="Whether rows may end before their last columns.")
    unnamed: Text | None = Field(default=None, description="The header that is meant where one is blank.")


class ReaderTable(Shared):
    """One table of an export: a file may hold several, one below the other or on sheets of their own."""

    title: Texts | None = Field(default=None, description="The line above the header.")
    sheet: Texts | None = Field(default=None, description="The name of the sheet, or a pattern.")
    apart: Truth = Field(
        default=False,
        description="Whether it repeats numbers of another table: it is read only when a source says table: NAME.",
    )
    totals_of: Text | None = Field(
        default=None,
        description="The table whose totals row this is: people and what else cannot be added up are taken from there.",
    )
    first_row_of: Text | None = Field(
        default=None,
        description="The table whose first row this is: where rows without days run from the newest to the oldest, a level "
        "that each of them repeats is taken from there.",
    )
    continues: Text | None = Field(
        default=None,
        description="The table with the same days whose rows it goes on telling of: its columns are put beside those.",
    )
    whole: Truth = Field(
        default=False,
        description="Whether it tells of the whole period what other tables tell of its parts: where both have a metric, "
        "people above all, this one is heard.",
    )
    long: NameAndValue | None = Field(
        default=None,
        description="For a table with one number a row: the columns that name and hold it. What a metric is called there "
        "is its header.",
    )
    platform: Text | None = Field(
        default=None, description="Whose numbers these are, where one format holds tables of several platforms."
    )
    label: Text | None = Field(default=None, description="What it holds, in a few words.")
    not_read: Text | None = Field(
        default=None,
        description="For a table without numbers: why it is not read. It is recognised by its dimensions alone.",
    )


class Reader(Shared):
    """What the export of a platform looks like."""

    about: Text = Field(description="Which export it is, and where people get it.")
    like: Text | None = Field(
        default=None, description="Another reader of the same pack that this one is like but for what it says itself."
    )
    platform: Text | None = Field(default=None, description="Whose numbers these are.")
    timezone: Text | None = Field(default=None, description="The time zone of its days, for people to know.")
    lag: Text | None = Field(default=None, description="How long its newest days are still filling up.")
    encoding: Texts = Field(default=["utf-8"], description="How its files are encoded where no mark says it.")
    numbers: Text = Field(default="1,234.5", description="How numbers are written, shown with this one.")
    stacked: Truth = Field(default=False, description="Whether several tables stand in one file, blank lines between.")
    period: PeriodText | None = Field(default=None, description="Where a file says which days it is about.")
    tables: dict[Text, ReaderTable] = Field(description="The tables that its files hold.", min_length=1)


def completed(readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """The readers of a pack, each with what it does not say itself from the one that it is like."""
    others = {name: readers.get(reader.like or "") for name, reader in readers.items()}
    return {name: _united(reader, other) if (other := others[name]) else reader for name, reader in readers.items()}


def _united(reader: Reader, other: Reader) -> Reader:
    own = {key: getattr(reader, key) for key in reader.model_fields_set - {"like"}}
    united: dict[str, Any] = {
        key: {**getattr(other, key), **own[key]}
        for key in ("columns", "dimensions", "spellings", "ignored")
        if key in own
    }
    return other.model_copy(update={**own, **united})
