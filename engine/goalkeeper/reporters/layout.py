"""Text laid out in columns of a terminal: widths, wrapping, bars, colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum


class Style(StrEnum):
    """How a piece of text stands out, as an ANSI sequence."""

    GOOD = "\x1b[32m"
    WARN = "\x1b[33m"
    BAD = "\x1b[31m"
    UNSURE = "\x1b[35m"
    DIM = "\x1b[2m"
    BOLD = "\x1b[1m"
    PLAIN = ""


END = "\x1b[0m"


def paint(text: str, *styles: Style, color: bool) -> str:
    """*text* in these styles, or as it is without colour."""
    codes = "".join(styles)
    return f"{codes}{text}{END}" if color and codes and text else text


def cells(text: str) -> int:
    """The columns that *text* takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only where a character may take no column, or two

    return cell_len(text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """*text* filled up to *width* columns, cut when it is longer."""
    if cells(text) > width:
        text = cut(text, width)
    space = " " * (width - cells(text))
    return space + text if right else text + space


def cut(text: str, width: int) -> str:
    """*text* cut to *width* columns, the cut marked."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…" if width > 0 else ""


def _first(word: str, width: int) -> str:
    """The first characters of *word* that fit into *width* columns, at least one."""
    end = len(word)
    while end > 1 and cells(word[:end]) > width:
        end -= 1
    return word[:end]


def wrap(text: str, width: int, indent: str = "", later: str | None = None) -> Iterator[str]:
    """*text* in lines of at most *width* columns; *indent* before the first, *later* before the others."""
    room = max(width - len(indent), 10)
    line, before = "", indent
    for word in text.split():
        while cells(word) > room:
            head = _first(word, room)
            if line:
                yield before + line
                line, before = "", indent if later is None else later
            yield before + head
            before = indent if later is None else later
            word = word[len(head) :]  # noqa: PLW2901  the rest of a word that fits no line
        if line and cells(line) + 1 + cells(word) > room:
            yield before + line
            line, before = "", indent if later is None else later
        line = f"{line} {word}" if line else word
    if line:
        yield before + line


def sides(left: str, right: str, width: int) -> str:
    """*left* at the left edge and *right* at the right one; without room for both, *left* is cut."""
    room = width - cells(right) - 2
    left = cut(left, max(room, 0))
    if not right:
        return left
    return f"{left}{' ' * max(width - cells(left) - cells(right), 1)}{right}"


def signed(indent: str, sign: tuple[str, Style], text: str, right: str, width: int, *, color: bool) -> Iterator[str]:
    """*text* with a sign before it, and what it came to at the right edge; both in the style of the sign."""
    mark, style = sign
    first = len(indent) + cells(mark) + 1
    parts = list(wrap(text, width - first - cells(right) - 2)) or [""]
    whole = sides(f"{indent}{mark} {parts[0]}", right, width)
    body = whole[first : len(whole) - len(right)]
    yield f"{indent}{paint(mark, style, color=color)} {body}{paint(right, style, color=color)}"
    for part in parts[1:]:
        yield " " * first + part


def bar(share: float, mark: float | None, width: int) -> str:
    """A bar filled by *share* (0 to 1, cut outside), with a line at *mark*, where it should be by now."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    signs = ["█"] * filled + ["░"] * (width - filled)
    if mark is not None and width:
        signs[min(max(round(mark * width), 0), width - 1)] = "│"
    return "".join(signs)


def table(rows: Sequence[Sequence[str]], right: Sequence[bool], width: int) -> list[list[str]]:
    """Rows with each column as wide as its widest cell; the widest columns give way when the line is too long."""
    if not rows:
        return []
    widths = [max(cells(row[place]) for row in rows) for place in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return [[pad(cell, widths[place], right=right[place]) for place, cell in enumerate(row)] for row in rows]


class Page:
    """A page of a terminal, for one width and with colour or without."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self.color = color

    def paint(self, text: str, *styles: Style) -> str:
        """*text* in these styles, or as it is without colour."""
        return paint(text, *styles, color=self.color)
