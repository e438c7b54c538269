"""The goal files that a command is about, and the day that it judges as of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from goalkeeper.cli.speech import heed
from goalkeeper.languages import tr
from goalkeeper.paths import DEFAULT_PATHS

PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
AS_OF = click.option("--as-of", metavar="DATE", help="Judge as of this day, YYYY-MM-DD. Today when left out.")


def named(paths: Sequence[Path]) -> Sequence[Path]:
    """The paths that are given, or what is here where none is. From here on their language is spoken."""
    found = paths or [path for path in map(Path, DEFAULT_PATHS) if path.exists()][:1]
    if not found:
        raise click.UsageError(tr("name a goal file or a folder: there is no goals.yaml and no goals/ here"))
    heed(found)
    return found
