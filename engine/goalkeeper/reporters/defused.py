"""Texts from files as Markdown that means nothing but the text, on GitHub and GitLab alike."""

from __future__ import annotations

import re

from goalkeeper.languages import Shown
from goalkeeper.reporters.safe import safe

_SIGNS = re.compile(r"[&<>|`*_\[\]\\$~^]")
"""Signs of Markdown, HTML and mathematics: an entity is shown as the sign, and never read as one."""
_BEGINS = re.compile(r"^(?:[#+=-]+(?=\s|$)|-{3,}|\d{1,9}[.)](?=\s|$))")
"""What would begin a heading, a list or a rule."""
_REFERS = re.compile(
    r"(?<![a-z\d_])[@#!$%&~](?=\w)|(?<=\w)[#!](?=\d)|\bGH(?=-\d)"
    r"|(?<=\w):(?=//)|(?<![a-z\d_])www(?=\.)|(?<![a-z\d_]):(?=[\w+-]+:)|:(?=[a-z+_-][\w+-]*:)",
    re.IGNORECASE,
)
"""What code hosts look for in the finished text: mentions, references, addresses, and emoji by their names.

To them only letters of ASCII belong to a word: behind any other one a name begins.
"""
_APART = "\u200b"
"""A blank without width, which code hosts take for the end of a name. It is written as an entity, to be seen."""


def fence_for(text: str, least: int = 1) -> str:
    """Backticks, *least* or more of them, between which *text* stands as it is: it has no run of so many."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])


def defused(text: str) -> Shown:
    """*text* on one line, without markup, links, mentions and references."""
    plain = " ".join(safe(text).split())
    plain = _REFERS.sub(lambda found: found.group() + _APART, plain)
    plain = _BEGINS.sub(lambda found: _APART + found.group(), plain)
    return Shown(_SIGNS.sub(lambda sign: f"&#{ord(sign.group())};", plain).replace(_APART, "&#8203;"))
