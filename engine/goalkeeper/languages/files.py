"""Languages as they are written: a folder of YAML files for each."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from msgspec.structs import replace

from goalkeeper.languages import Language

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(code: str, *, latin: bool = False) -> Language:
    """The language of this code, with all its texts; *latin* keeps the digits 0 to 9 and their signs."""
    parts = dict(_parts(code))
    look = parts.pop("language")
    texts = {template: text for part in parts.values() for template, text in part.items()}
    there = msgspec.convert({"code": code, **look, "texts": texts}, Language)
    if not latin:
        return there
    signs = {own: sign for sign, own in there.own_signs.items() if sign != ord("-")}
    plain = {
        template: text.translate({ord(own): sign for own, sign in signs.items()}) for template, text in texts.items()
    }
    return replace(there, digits="0123456789", decimal=".", group=",", percent="%", texts=plain)


def _parts(code: str) -> Iterator[tuple[str, dict[str, Any]]]:
    folder = files("goalkeeper.languages").joinpath(code)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        name, _, kind = file.name.rpartition(".")
        if kind == "yaml":
            yield name, yaml.load(file.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506  a safe one
