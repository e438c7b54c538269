"""Text inside XML: nothing that its reader takes for markup, and no character that XML does not have."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from goalkeeper.reporters.safe import safe

_NONE = re.compile("[\ufffe\uffff]")
"""What `safe` leaves in and XML does not have."""


def xml_text(text: str) -> str:
    """*text* as the content of an element; its lines stay lines."""
    return "\n".join(_one_line(line) for line in text.split("\n"))


def xml_attribute(text: str) -> str:
    """*text* as the value of an attribute, in its quotes."""
    return f'"{_one_line(text).replace(chr(34), "&quot;")}"'


def _one_line(text: str) -> str:
    return escape(_NONE.sub(lambda found: f"<U+{ord(found.group()):04X}>", safe(text)))
