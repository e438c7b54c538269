"""Text made safe to show: in the language that is spoken, nothing hidden, nothing that moves the cursor."""

from __future__ import annotations

from collections.abc import Mapping

from goalkeeper.languages import ENGLISH, Shown, isolated, shown, spoken

safe = shown
"""*text* as people see it: what was said in their language, and every control and direction character in sight."""


def segment_text(segment: Mapping[str, str]) -> Shown:
    """The values of a segment (dimension to value)."""
    values = [safe(value) or "(blank)" for value in segment.values()]
    return Shown(" / ".join(values if spoken() is ENGLISH else map(isolated, values)))
