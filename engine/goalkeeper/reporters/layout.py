"""Text laid out in columns of a terminal: widths, wrapping, bars, colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from goalkeeper.languages import BY_FIRST_LETTER, END, LEFT_TO_RIGHT, RIGHT_TO_LEFT, isolated, spoken


class Style(StrEnum):
    """How a piece of text stands out, as an ANSI sequence."""

    GOOD = "\x1b[32m"
    WARN = "\x1b[33m"
    BAD = "\x1b[31m"
    UNSURE = "\x1b[35m"
    DIM = "\x1b[2m"
    BOLD = "\x1b[1m"
    PLAIN = ""


RESET = "\x1b[0m"
LEFT_MARK, RIGHT_MARK = "\u200e", "\u200f"
"""What is not seen, and tells a terminal or an editor how the line around it is read."""
ISOLATES = LEFT_TO_RIGHT, RIGHT_TO_LEFT, BY_FIRST_LETTER
"""What begins a stretch that is isolated."""
NARROWEST = 40
"""No page has fewer columns."""
_NO_COLUMN = re.compile("\x1b\\[[\\d;]*m")


def cells(text: str) -> int:
    """The columns that *text* takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only where a character may take no column, or two

    return cell_len(text)


def directed(text: str) -> str:
    """The lines of *text* marked to be read as the language that is spoken is; what stands `as_it_is` has no mark."""
    if spoken().direction != "rtl":
        return text
    return "\n".join(map(_directed, text.split("\n")))


def _directed(line: str) -> str:
    if line.startswith(LEFT_MARK):
        return line[1:]
    marked = not line.strip() or line.startswith(RIGHT_MARK)
    return line if marked else f"{RIGHT_MARK}{line}{RIGHT_MARK}"


def filled(text: str, width: int) -> str:
    """*text* with the lines that are read from right to left filled up to *width* columns.

    A terminal that has all lines begin at its left side then has their beginnings under each other at the right.
    """
    return "\n".join(_filled(line, width) if line.startswith(RIGHT_MARK) else line for line in text.split("\n"))


def _filled(line: str, width: int) -> str:
    bare = line.removesuffix(RIGHT_MARK)
    return f"{bare}{' ' * (width - cells(_NO_COLUMN.sub('', bare)))}{RIGHT_MARK}"


def as_page(lines: Iterable[str]) -> str:
    """Lines as a page, to be read as the language that is spoken is."""
    return directed("\n".join(line.rstrip() for line in lines)) + "\n"


def in_order_of_time(signs: str) -> str:
    """Signs or bars of some days, the latest at the right in every language."""
    return signs if spoken().direction == "ltr" else isolated(signs, LEFT_TO_RIGHT)


def as_it_is(line: str) -> str:
    """A line that is read from left to right in every language, such as one of a file, or a place in it."""
    return line if spoken().direction == "ltr" else f"{LEFT_MARK}{line}"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """*text* filled up to *width* columns, cut when it is longer.

    With *right* it ends at the right side, which is where a line begins that is read from right to left.
    """
    if cells(text) > width:
        text = cut(text, width)
    space = " " * (width - cells(text))
    return space + text if right and spoken().direction == "ltr" else text + space


def cut(text: str, width: int) -> str:
    """*text* cut to *width* columns, the cut marked, and what was isolated before it ended."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…{END * len(_open(text))}" if width > 0 else ""


def _open(text: str) -> str:
    """What begins an isolated stretch in *text* that does not end in it."""
    open_ = ""
    for sign in text if not text.isascii() else "":
        if sign in ISOLATES:
            open_ += sign
        elif sign == END:
            open_ = open_[:-1]
    return open_


def _first(word: str, width: int) -> str:
    """The first characters of *word* that fit into *width* columns, at least one."""
    end = len(word)
    while end > 1 and cells(word[:end]) > width:
        end -= 1
    return word[:end]


def wrap(text: str, width: int, indent: str = "", later: str | None = None) -> Iterator[str]:
    """*text* in lines of at most *width* columns; *indent* before the first, *later* before the others.

    What is isolated ends with a line, and begins again in the next one.
    """
    before, open_ = indent, ""
    for line in _lines(text, max(width - cells(indent), 10)):
        whole = open_ + line
        open_ = _open(whole)
        yield f"{before}{whole}{END * len(open_)}"
        before = indent if later is None else later


def _lines(text: str, room: int) -> Iterator[str]:
    """The words of *text* in lines of at most *room* columns."""
    line = ""
    for word in text.split():
        while cells(word) > room:
            head = _first(word, room)
            if line:
                yield line
                line = ""
            yield head
            word = word[len(head) :]  # noqa: PLW2901  the rest of a word that fits no line
        if line and cells(line) + 1 + cells(word) > room:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        yield line


def sides(left: str, right: str, width: int) -> str:
    """*left* at the left edge and *right* at the right one; without room for both, *left* is cut."""
    room = width - cells(right) - 2
    left = cut(left, max(room, 0))
    if not right:
        return left
    return f"{left}{' ' * max(width - cells(left) - cells(right), 1)}{right}"


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
    """A page of a terminal, for one width (40 columns or more) and with colour or without."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = max(width, NARROWEST)
        self.color = color

    def paint(self, text: str, *styles: Style) -> str:
        """*text* in these styles, or as it is without colour."""
        codes = "".join(styles)
        return f"{codes}{text}{RESET}" if self.color and codes and text else text

    def painted(self, text: str, *styles: Style, indent: str = "") -> Iterator[str]:
        """*text* in lines of the page, in these styles."""
        for line in wrap(text, self.width, indent):
            yield self.paint(line, *styles)

    def dim(self, text: str, indent: str = "    ") -> Iterator[str]:
        """What stands back, in lines of the page."""
        yield from self.painted(text, Style.DIM, indent=indent)

    def headed(self, sign: tuple[str, Style], name: str, right: str) -> Iterator[str]:
        """A name in bold behind a sign in its own style, and what stands at the right edge."""
        mark, style = sign
        parts = list(wrap(name, self.width - cells(mark) - cells(right) - 4)) or [""]
        whole = sides(f"{mark}  {parts[0]}", right, self.width)
        yield self.paint(whole[: len(mark)], Style.BOLD, style) + self.paint(whole[len(mark) :], Style.BOLD)
        for part in parts[1:]:
            yield " " * (cells(mark) + 2) + self.paint(part, Style.BOLD)

    def signed(self, indent: str, sign: tuple[str, Style], text: str, right: str) -> Iterator[str]:
        """*text* with a sign before it, and what it came to at the right edge; both in the style of the sign."""
        mark, style = sign
        first = len(indent) + cells(mark) + 1
        parts = list(wrap(text, self.width - first - cells(right) - 2)) or [""]
        whole = sides(f"{indent}{mark} {parts[0]}", right, self.width)
        body = whole[first : len(whole) - len(right)]
        yield f"{indent}{self.paint(mark, style)} {body}{self.paint(right, style)}"
        for part in parts[1:]:
            yield " " * first + part
