"""Text inside XML: nothing that its reader takes for markup, and no character that XML does not have."""

from __future__ import annotations

from xml.sax.saxutils import escape

from goalkeeper.reporters.safe import safe


def xml_text(text: str) -> str:
    """*text* as the content of an element; its lines stay lines."""
    return "\n".join(_one_line(line) for line in text.split("\n"))


def xml_attribute(text: str) -> str:
    """*text* as the value of an attribute, in its quotes."""
    return f'"{_one_line(text).replace(chr(34), "&quot;")}"'


def _one_line(text: str) -> str:
    return escape(safe(text))
