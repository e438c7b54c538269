"""Characters that are not seen, or that move what is: put in sight, so that no text hides anything."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200d-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
"""Characters that are not seen, or that move what is."""


def visible(text: str) -> str:
    """*text* with every control and direction character in sight, such as `<U+001B>`; line ends become spaces."""
    return UNSEEN.sub(lambda found: " " if found.group() in "\n\r\t" else f"<U+{ord(found.group()):04X}>", text)
