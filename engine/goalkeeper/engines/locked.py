"""A database in memory that is locked: it can read the files that it was made for, and nothing can be set any more."""

from __future__ import annotations

from collections.abc import Sequence
from glob import escape
from pathlib import Path
from weakref import WeakSet

import duckdb

from goalkeeper.engines import parts
from goalkeeper.paths import Allowed

_OPEN: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()
"""The connections of this process."""


def stop_queries() -> None:
    """Stop every query that runs; whoever waits for one is told that it was interrupted."""
    for connection in tuple(_OPEN):
        connection.interrupt()


def connected(files: Sequence[Path], allowed: Allowed) -> duckdb.DuckDBPyConnection:
    """A connection to a new one, in as much memory and as many threads as are *allowed*."""
    connection = duckdb.connect(":memory:")
    _OPEN.add(connection)
    places = [parts.place(file) for file in files]
    paths = sorted({spelling for place in places for spelling in (place, escape(place))})
    settings = {
        "TimeZone": "'UTC'",
        "temp_directory": "''",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "allowed_paths": f"[{', '.join(map(parts.text, paths))}]",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    if allowed.threads is not None:
        settings = {"threads": str(allowed.threads)} | settings
    if allowed.memory is not None:
        settings = {"memory_limit": parts.text(allowed.memory)} | settings
    connection.execute("; ".join(f"SET {name} = {value}" for name, value in settings.items()))
    return connection
