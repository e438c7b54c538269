"""What data files are, as one JSON document, in the published contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goalkeeper.inspection.seen import Decision, Inspection, SeenColumn, SeenTable
from goalkeeper.languages import speaking
from goalkeeper.reporters import json_parts

VERSION = 1


@speaking("en")
def render(inspections: Sequence[Inspection], sources: Mapping[str, Any], *, several: bool) -> str:
    """The document: of one file, or of *several* a list of them under `files`."""
    if several:
        found = {"version": VERSION, "files": [_file(one) for one in inspections], "sources": sources}
    else:
        found = {"version": VERSION, **_file(inspections[0]), "sources": sources}
    return json_parts.dump(found, indent=2) + "\n"


def _file(one: Inspection) -> dict[str, Any]:
    return {
        "path": one.path,
        "kind": one.kind,
        "format": one.format,
        "about": one.about or None,
        "platform": one.platform,
        "encoding": one.encoding,
        "delimiter": one.delimiter,
        "rows": one.rows,
        "start": json_parts.day(one.start),
        "end": json_parts.day(one.end),
        "columns": [_column(column) for column in one.columns],
        "tables": [_table(table) for table in one.tables],
        "dropped": [
            {"file": left.file, "rows": left.rows, "why": left.why, "lines": list(left.lines)} for left in one.dropped
        ],
        "notes": list(one.notes),
        "decisions": [_decision(decision) for decision in one.asked],
        "rivals": list(one.rivals),
        "problems": [json_parts.problem(problem) for problem in one.problems],
    }


def _table(table: SeenTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "label": table.label or None,
        "sheet": table.sheet,
        "header_line": table.header_line,
        "rows": table.rows,
        "start": json_parts.day(table.start),
        "end": json_parts.day(table.end),
        "days": table.days,
        "apart": table.apart,
        "part_of": table.part_of,
        "unread": table.unread,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: SeenColumn) -> dict[str, Any]:
    return {
        "header": column.header,
        "id": column.id,
        "kind": column.kind,
        "unit": column.unit,
        "weighted_by": column.weighted_by,
        "written": column.written or None,
        "example": column.example or None,
        "values": column.values,
        "why": column.why or None,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "question": decision.question,
        "key": decision.key,
        "options": [{"value": value, "means": meaning} for value, meaning in decision.options],
        "needed": decision.needed,
    }
