"""What the rows of files are selected from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from goalkeeper.engines.parts import FILE, pattern, text
from goalkeeper.sources.files import DataFile


def relation(files: Sequence[DataFile], columns: Mapping[Path, Sequence[str]]) -> str:
    """The rows of *files*; all cells of files that know no types are text."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for file in files:
        names = tuple(columns[file.path])
        groups.setdefault((file.kind, file.delimiter, names), []).append(pattern(file.path))
    with_file = f", filename = {text(FILE)}" if len(files) > 1 else ""
    parts = [_read(kind, delimiter, names, paths, with_file) for (kind, delimiter, names), paths in groups.items()]
    if len(parts) == 1:
        return parts[0]
    return "(" + " UNION ALL BY NAME ".join(f"SELECT * FROM {part}" for part in parts) + ")"


def _read(kind: str, delimiter: str, names: Sequence[str], paths: Sequence[str], with_file: str) -> str:
    listed = f"[{', '.join(paths)}]"
    if kind == "parquet":
        return f"read_parquet({listed}, union_by_name = true{with_file})" if with_file else f"read_parquet({listed})"
    types = "{" + ", ".join(f"{text(column)}: 'VARCHAR'" for column in names) + "}"
    if kind == "json":
        return f"read_json({listed}, columns = {types}{with_file})"
    return (
        f"read_csv({listed}, columns = {types}, header = true, delim = {text(delimiter)}, quote = '\"', "
        "escape = '\"', auto_detect = false, strict_mode = true, null_padding = false, ignore_errors = false"
        f"{with_file})"
    )
