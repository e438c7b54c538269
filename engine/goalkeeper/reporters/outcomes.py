"""How the outcomes are shown: by a sign, a word and a colour."""

from __future__ import annotations

from collections.abc import Mapping

from goalkeeper.reporters.layout import Style
from goalkeeper.verdict import Outcome

SIGNS: Mapping[Outcome, str] = {
    Outcome.PASS: "✓",
    Outcome.WARN: "!",
    Outcome.FAIL: "✗",
    Outcome.PENDING: "·",
    Outcome.INCONCLUSIVE: "?",
    Outcome.WAIVED: "~",
}
STYLES: Mapping[Outcome, Style] = {
    Outcome.PASS: Style.GOOD,
    Outcome.WARN: Style.WARN,
    Outcome.FAIL: Style.BAD,
    Outcome.PENDING: Style.DIM,
    Outcome.INCONCLUSIVE: Style.UNSURE,
    Outcome.WAIVED: Style.DIM,
}
HEADLINES: Mapping[Outcome, str] = {
    Outcome.PASS: "PASS",
    Outcome.WARN: "WARN",
    Outcome.FAIL: "FAIL",
    Outcome.PENDING: "PENDING",
    Outcome.INCONCLUSIVE: "INCONCLUSIVE",
    Outcome.WAIVED: "WAIVED",
}
