"""Texts as YAML writes them, and names that are made of them."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

_PLAIN = re.compile(r"[./]{0,3}[^\W\d][\w./-]*( [\w./-]+)*")
_TAKEN = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n", "nan"})


def flow(text: str) -> str:
    """A text inside a list or mapping on one line: quoted where YAML could take it for something else."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _TAKEN:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dropping(column: str, *texts: str) -> str:
    """What `drop:` says to leave out the rows with some texts in a column; signs of patterns stand for themselves."""
    return f"{{{flow(column)}: [{', '.join(flow(literal(text)) for text in texts)}]}}"


def literal(text: str) -> str:
    """A text as a pattern that fits it alone."""
    return re.sub(r"([*?[])", r"[\1]", text)


def inline(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    return flow(str(value))


def joined(text: str) -> str:
    """The plain letters and digits of a text as one name; empty where it has none."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def unlike(name: str, taken: Container[str]) -> str:
    """*name*, with a number behind it where it is taken."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique
