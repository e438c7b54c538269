"""Sources as written: where rows live, and how their files are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from goalkeeper.model_base import (
    Grain,
    PathText,
    Text,
    Values,
    Written,
)


class TimeColumn(Written):
    """The column that holds the day, and how days are written in it."""

    column: Text | None = Field(
        default=None, description="The header of the column. Left out for a format, which knows it.", examples=["date"]
    )
    format: Text | None = Field(
        default=None,
        description="How a day is written, in strptime letters: `%d/%m/%Y` is day, month, year.",
        examples=["%d/%m/%Y", "%Y-%m-%d"],
    )


def _time_tag(value: Any) -> str:
    return "column" if isinstance(value, dict | TimeColumn) else "text"


class LongLayout(Written):
    """For tables with one number a row: which column names the metric, and which holds its value."""

    metric: Text = Field(description="The header of the column that names the metric.", examples=["metric"])
    value: Text = Field(description="The header of the column that holds the number.", examples=["value"])


class Source(Written):
    """Where rows live: a file, several files, or a folder."""

    path: PathText | Annotated[list[PathText], Field(min_length=1)] = Field(
        description="A file, a pattern such as `data/*.csv`, a folder, or a list of them, from this file's folder. "
        "CSV, TSV, JSON, JSONL, Parquet, XLSX or XLS.",
        examples=["data/ads.csv", "data/ads-*.csv"],
    )
    format: Text | None = Field(
        default=None,
        description="Which export of which platform it is: a reader of a pack, such as `google-ads`. Left out: a plain "
        "table with a header line. `goalkeeper inspect FILE` tells which it is.",
        examples=["google-ads", "search-console"],
    )
    table: Text | None = Field(
        default=None, description="Of a format whose files hold several tables: the one that is meant."
    )
    time: (
        Annotated[Annotated[Text, Tag("text")] | Annotated[TimeColumn, Tag("column")], Discriminator(_time_tag)] | None
    ) = Field(
        default=None,
        description="The column that holds the day of a row. Days like 03/04/2026 need `{column, format}`. Left out for a "
        "format, which knows it.",
        examples=["date", {"column": "Day", "format": "%d/%m/%Y"}],
    )
    period: Text | None = Field(
        default=None,
        description="For files whose rows have no day: the days that each row stands for, or the one day.",
        examples=["2026-06-01 to 2026-08-29", "2026-06", "2026-06-30"],
    )
    columns: dict[str, Text] = Field(
        default={},
        description="Our names for columns, each with the header in the file.",
        examples=[{"conversions": "Total results"}],
    )
    dimensions: list[Text] | None = Field(
        default=None,
        description="The columns that tell segments apart, such as platform and campaign. Left out: every text column.",
        examples=[["platform", "campaign"]],
    )
    spellings: dict[str, dict[str, Text | Annotated[list[Text], Field(min_length=1)]]] = Field(
        default={},
        description="For dimensions in which one thing is written in several ways: the name it has here, with the other "
        "texts that stand for it. Case, surplus blanks and Arabic letters in Persian words need no listing.",
        examples=[{"brand": {"Nilgoon": "نیلگون"}, "network": {"Instagram": ["insta", "اینستاگرام"]}}],
    )
    long: LongLayout | None = Field(default=None, description="For tables with one number a row.")
    numbers: Text | dict[str, Text] = Field(
        default={},
        description="How numbers are written where the file does not prove it, shown with `1,234.5`, `1.234,5`, "
        "`1 234,5`, `1234.5` or `1234,5`: one for all columns, or one for each.",
        examples=["1.234,5", {"spend": "1.234,5"}],
    )
    encoding: Text | None = Field(
        default=None, description="How the text is encoded, when it is not UTF-8.", examples=["cp1252", "utf-16"]
    )
    drop: dict[str, Values] = Field(
        default={},
        description="Rows that are no data, such as totals: a column, and the texts or patterns it holds there. They are "
        "counted and listed.",
        examples=[{"brand": ["All brands", "Total*"]}],
    )
    dedupe: Literal["all"] | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None,
        description="What makes two rows the same: columns (`day` is the day), or `all` of them. The first row is kept; "
        "the others are counted and listed.",
        examples=["all", ["link"], ["day", "campaign"]],
    )
    grain: Grain = Field(default="day", description="What one row stands for: a day, a week, a month or a quarter.")
    lag: Text | None = Field(
        default=None,
        description="How long the newest days are still filling up; they are not looked at.",
        examples=["2d"],
    )
    missing: Literal["unknown", "zero"] = Field(
        default="unknown",
        description="What a day without any row means. `unknown`: its numbers are missing. `zero`: the file leaves "
        "out days on which nothing happened, between its first and its last day.",
    )
    max_age: Text | None = Field(
        default=None, description="How old the newest row may be at the time of judging.", examples=["3d"]
    )
    platform: Text | None = Field(
        default=None,
        description="Whose numbers these are, when all rows are from one platform. Days on which that platform changed "
        "what a metric counts are then known.",
        examples=["youtube", "google-search-console"],
    )
