"""Text from files made safe to show: nothing hidden, nothing that moves the cursor."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200d-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
"""Characters that are not seen, or that move what is."""


def safe(text: str) -> str:
    """*text* with every control and direction character in sight, such as `<U+001B>`; line ends become spaces."""
    return UNSEEN.sub(lambda found: " " if found.group() in "\n\r\t" else f"<U+{ord(found.group()):04X}>", text)


def segment_text(segment: Mapping[str, str]) -> str:
    """The values of a segment (dimension to value)."""
    return " / ".join(safe(value) or "(blank)" for value in segment.values())
