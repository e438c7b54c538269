"""The formats that ship: the readers of the shipped packs, each read when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from goalkeeper import documents
from goalkeeper.model_readers import Reader, completed
from goalkeeper.sources.formats import Format, format_of

_READER = re.compile(r"^  ([a-z][a-z0-9-]*):\s*$", re.MULTILINE)


@cache
def _packs() -> Mapping[str, str]:
    """The text of every shipped pack with readers, by its name."""
    folder = files("goalkeeper.rules").joinpath("packs")
    texts = {
        file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    }
    return {name: text for name, text in sorted(texts.items()) if "\nreaders:" in text}


@cache
def _readers(pack: str) -> Mapping[str, Format]:
    document, problems = documents.parse(_packs()[pack], pack)
    if document is None or problems:
        raise AssertionError(f"the shipped pack {pack} does not read: {problems}")
    readers = completed({name: Reader.model_validate(data) for name, data in document.data["readers"].items()})
    return {name: format_of(name, reader, ships=True) for name, reader in readers.items()}


def shipped_format(name: str) -> Format | None:
    """The format of this name."""
    pack = pack_of(name)
    return _readers(pack)[name] if pack is not None else None


def pack_of(name: str) -> str | None:
    """The shipped pack that has the format of this name; only packs that may have it are read."""
    having = (pack for pack, text in _packs().items() if name in _READER.findall(text.partition("\nreaders:")[2]))
    return next((pack for pack in having if name in _readers(pack)), None)


@cache
def shipped_formats() -> Mapping[str, Format]:
    """Every format that ships, by name."""
    return {name: form for pack in _packs() for name, form in _readers(pack).items()}
