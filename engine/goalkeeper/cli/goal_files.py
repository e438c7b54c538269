"""The goal files that a command is about, and the day that it judges as of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from goalkeeper.paths import DEFAULT_PATHS

PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
AS_OF = click.option("--as-of", metavar="DATE", help="Judge as of this day, YYYY-MM-DD. Today when left out.")


def named(paths: Sequence[Path]) -> Sequence[Path]:
    """The paths that are given, or what is here where none is."""
    if paths:
        return paths
    for name in DEFAULT_PATHS:
        if Path(name).exists():
            return [Path(name)]
    raise click.UsageError("name a goal file or a folder: there is no goals.yaml and no goals/ here")
