"""What shows our outputs, each with a judge of what it must never be given.

A judge says what is wrong with a text, and has the structure of it: what a terminal, a page, a parser or a runner makes
of it beside the words. A hostile name must leave that as a harmless one does.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from markdown_it.token import Token

OUR_COLOURS = re.compile("\x1b\\[(?:0|1|2|31|32|33|35|1;31|1;33)m")
"""What `layout.Style` and the problems are painted with, and nothing else that a terminal would act on."""
BLANK = {*map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0))}
"""Letters and marks that are not seen, which the classes of Unicode do not tell."""
HALF_SPACE, MARKS, BEGIN, END = "\u200c", "\u200e\u200f", "\u2066\u2067\u2068", "\u2069"


def unseen(text: str, allowed: str = "\n") -> list[str]:
    """The characters of *text* that are not seen or that move what is, by the classes of Unicode."""
    return [
        f"U+{ord(sign):04X} in {text[max(at - 20, 0) : at + 20]!r}" for at, sign in _unseen(text) if sign not in allowed
    ]


def _unseen(text: str) -> Iterator[tuple[int, str]]:
    hidden = set(filter(_is_hidden, set(text)))
    for at, sign in enumerate(text) if hidden else ():
        if sign in hidden and not (sign == HALF_SPACE and _is_in_a_word(text, at)):
            yield at, sign


@cache
def _is_hidden(sign: str) -> bool:
    code = ord(sign)
    hidden = unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or sign in BLANK
    return hidden or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF or 0xE0000 <= code <= 0xE0FFF


def _is_in_a_word(text: str, at: int) -> bool:
    """Whether what is at this place of a text stands between letters, one of them of the Arabic script."""
    around = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    return all(map(str.isalnum, around)) and any("ARABIC" in unicodedata.name(one, "") for one in around)


def words(text: str) -> str:
    """*text* without what is not seen in it, on one line."""
    return " ".join(re.sub(f"[{MARKS}{BEGIN}{END}\u200b]", "", OUR_COLOURS.sub("", text)).split())


class Terminal:
    """A terminal: it does what control sequences say, and turns text around."""

    def __init__(self, *, right_to_left: bool = False) -> None:
        self.right_to_left = right_to_left

    def faults(self, text: str) -> list[str]:
        plain = OUR_COLOURS.sub("", text)
        if not self.right_to_left:
            return unseen(plain)
        found = unseen(plain, f"\n{MARKS}{BEGIN}{END}")
        for line in plain.split("\n"):
            depth = 0
            for at, sign in enumerate(line):
                depth += (sign in BEGIN) - (sign == END)
                if depth < 0 or (sign in MARKS and 0 < at < len(line) - 1):
                    found.append(f"{sign!a} in {line!a}")
                    break
            found += [f"an isolate without an end in {line!a}"] if depth > 0 else []
        return found

    def structure(self, text: str) -> Any:
        return [OUR_COLOURS.findall(line) for line in text.split("\n")]

    def said(self, text: str) -> str:
        return words(text)


def commands(log: str) -> list[str]:
    """The lines that the runner of GitHub Actions takes for commands.

    It reads lines as .NET does, trims them at the left, and looks for two colons there; the older `##[` it finds
    anywhere.
    """
    lines = re.split("\r\n|\n|\r", log)
    return [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


class Commands:
    """Workflow commands: as many as a harmless scorecard gives, with the same fields."""

    def faults(self, text: str) -> list[str]:
        found = [f"no command: {line}" for line in text.splitlines() if not line.startswith("::")]
        return found + [line for line in text.splitlines() if "##[" in line] + unseen(text)

    def structure(self, text: str) -> Any:
        return [(name, [key for key, _ in fields]) for name, fields, _ in self._read(text)]

    def said(self, text: str) -> str:
        read = self._read(text)
        return words(" ".join(" ".join((*(value for _, value in fields), told)) for _, fields, told in read))

    def _read(self, text: str) -> list[tuple[str, list[tuple[str, str]], str]]:
        found = []
        for line in text.splitlines():
            name, _, rest = line.removeprefix("::").partition(" ")
            fields, _, told = rest.partition("::")
            pairs = [part.partition("=") for part in fields.split(",")]
            found.append((name, [(key, _plain(value)) for key, _, value in pairs], _plain(told)))
        return found


def _plain(text: str) -> str:
    for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


class Page(HTMLParser):
    """A page: its tags, its attributes, and what is read of it."""

    VOID = frozenset({"meta", "link", "input", "br"})
    LOADING = frozenset({"href", "src", "srcset", "srcdoc", "action", "formaction", "data", "poster", "xlink:href"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag} {' '.join(sorted(name for name, _ in attrs))}")
        for name, value in attrs:
            loads = name in self.LOADING and not (value or "").startswith(("#", "data:image/svg+xml,"))
            if name.startswith("on") or loads:
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> that ends nothing")
        self.tags.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"an instruction: {data}")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)


class Html:
    """A browser."""

    def faults(self, text: str) -> list[str]:
        page = _page(text)
        return (
            page.wrong
            + [f"<{tag}> without an end" for tag in page.open]
            + commands(text)
            + unseen(text, f"\n{BEGIN}{END}")
        )

    def structure(self, text: str) -> Any:
        return _page(text).tags

    def said(self, text: str) -> str:
        return words("".join(_page(text).texts))


@lru_cache(maxsize=4)
def _page(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


class Markdown:
    """A code host, which reads Markdown with tables, and then looks for names, references and addresses in the text."""

    PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    OURS = re.compile(r"<(?:/?(?:details|summary|sub|div)|br|div dir=\"rtl\")>")
    REFERS = re.compile(
        r"(?<![\w`])@\w|(?<!\w)[!$%~&]\w|(?<!&)#\d|\bGH-\d|https?://|\bwww\.|(?<!\d):(?!//)[\w+-]+:",
        re.ASCII | re.IGNORECASE,
    )

    def faults(self, text: str) -> list[str]:
        found = unseen(text, f"\n{BEGIN}{END}{MARKS}") + commands(text)
        for token in self._tokens(text):
            if token.type in {"html_block", "html_inline"}:
                left = self.OURS.sub("", token.content)
                found += [f"HTML: {token.content}"] if token.type == "html_inline" and left.strip() else []
                found += [f"HTML: {left}"] if re.search(r"<[^>]*>", left) else []
            if token.type in {"link_open", "image", "s_open"}:
                found.append(f"{token.type} {dict(token.attrs)}")
            if token.type == "text":
                found += [f"{hit[0]!r} in {token.content!r}" for hit in self.REFERS.finditer(token.content)]
        return found

    def structure(self, text: str) -> Any:
        told = ((token.type, token.tag) for token in self._tokens(text))
        return [one for one in told if one[0] not in {"text", "text_special", "entity"}]

    def said(self, text: str) -> str:
        told = [
            token.content
            for token in self._tokens(text)
            if token.type in {"text", "code_inline", "fence", "html_block"}
        ]
        return words("".join(told))

    @staticmethod
    @lru_cache(maxsize=4)
    def _tokens(text: str) -> Sequence[Token]:
        parsed = Markdown.PARSER.parse(text)
        return [one for token in parsed for one in (token.children if token.children is not None else [token])]


class Json:
    """A strict reader of JSON, behind a terminal and the log of a build."""

    def faults(self, text: str) -> list[str]:
        _strict(text)
        wrong = ["an end of a script"] if "</" in text or "<!--" in text else []
        return wrong + unseen(text) + commands(text)

    def structure(self, text: str) -> Any:
        return _shape(_strict(text))

    def said(self, text: str) -> str:
        return words(" ".join(_texts(_strict(text))))


class JsonLines(Json):
    """The same for a document a line."""

    def faults(self, text: str) -> list[str]:
        return [fault for line in text.splitlines() for fault in Json.faults(self, line)]

    def structure(self, text: str) -> Any:
        return [Json.structure(self, line) for line in text.splitlines()]

    def said(self, text: str) -> str:
        return " ".join(Json.said(self, line) for line in text.splitlines())


class Sarif(Json):
    """A view of findings, in whose messages brackets before a bracket are a link."""

    def faults(self, text: str) -> list[str]:
        found = super().faults(text)
        for message in _messages(_strict(text)):
            found += [f"a link in {message!r}" for _ in re.findall(r"(?<!\\)(?:\\\\)*\[[^\[\]]*\]\([^)]*\)", message)]
        return found

    def said(self, text: str) -> str:
        return super().said(text).replace("\\[", "[").replace("\\\\", "\\")


def _messages(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from (text for key, text in value.items() if key == "text")
            for one in value.values():
                yield from _messages(one)
        case list():
            for one in value:
                yield from _messages(one)


def _strict(text: str) -> Any:
    def no(constant: str) -> None:
        raise AssertionError(f"JSON has no {constant}")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(pairs) == len(dict(pairs)), pairs
        return dict(pairs)

    return json.loads(text, parse_constant=no, object_pairs_hook=once)


OURS = re.compile(r"[$a-z][a-zA-Z_/\d]{0,30}", re.ASCII)


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return [(key if OURS.fullmatch(key) else "a name", _shape(one)) for key, one in value.items()]
        case list():
            return [_shape(one) for one in value]
        case _:
            return type(value).__name__


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, one in value.items():
                yield key
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
        case str():
            yield value


class Xml:
    """A parser of XML 1.0, behind the log of a build."""

    def faults(self, text: str) -> list[str]:
        root = ET.fromstring(text)
        every = [one for element in root.iter() for one in (element.text or "", *element.attrib.values())]
        return (
            [fault for one in every for fault in unseen(one)] + commands(text) + (["DOCTYPE"] if "<!" in text else [])
        )

    def structure(self, text: str) -> Any:
        return [(element.tag, sorted(element.attrib)) for element in ET.fromstring(text).iter()]

    def said(self, text: str) -> str:
        every = ((element.text or "", *element.attrib.values()) for element in ET.fromstring(text).iter())
        return words(" ".join(one for told in every for one in told))


class Spreadsheet:
    """A spreadsheet, which works out what begins as a formula, with commas or semicolons between its cells."""

    NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
    FORMULA = re.compile(r"[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")

    def faults(self, text: str) -> list[str]:
        cells = [cell for row in self._rows(text) for part in row for cell in (part, *part.split(";"))]
        formulas = [
            f"a formula: {cell}" for cell in cells if self.FORMULA.match(cell) and not self.NUMBER.fullmatch(cell)
        ]
        return formulas + [fault for cell in cells for fault in unseen(cell, "")] + commands(text)

    def structure(self, text: str) -> Any:
        return [len(row) for row in self._rows(text)]

    def said(self, text: str) -> str:
        return words(" ".join(cell for row in self._rows(text) for cell in row))

    def _rows(self, text: str) -> Iterable[list[str]]:
        return csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)


class Log:
    """The log of GitHub Actions, whose lines can be commands: those of the tool alone, which begin at the left."""

    def __init__(self, judge: Terminal) -> None:
        self.judge = judge

    def faults(self, text: str) -> list[str]:
        return self.judge.faults(text) + commands(text)

    def structure(self, text: str) -> Any:
        return self.judge.structure(text)

    def said(self, text: str) -> str:
        return words(text)


Judge = Terminal | Log | Commands | Html | Markdown | Json | Xml | Spreadsheet
