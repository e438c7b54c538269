"""Characters that are not seen, or that move what is: put in sight, so that no text hides anything."""

from __future__ import annotations

import re

_ARABIC = "\u0620-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
_PLANES = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_SIGNS = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200d-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff{_PLANES}"
)
UNSEEN = re.compile(f"[{_SIGNS}]|(?<![{_ARABIC}])\u200c(?![{_ARABIC}])|\u200c(?!\\w)|(?<!\\w)\u200c")
"""Characters that are not seen, or that move what is; not the half-space inside of a word in Arabic script."""


def visible(text: str) -> str:
    """*text* with every control and direction character in sight, such as `<U+001B>`; line ends become spaces."""
    if text.isascii() and text.isprintable():  # as nearly every text is
        return str(text)
    return UNSEEN.sub(lambda found: " " if found.group() in "\n\r\t" else f"<U+{ord(found.group()):04X}>", text)
