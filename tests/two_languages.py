"""What a report says whatever its language, and that it says the same in both."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from goalkeeper.languages import language
from goalkeeper.reporters import outputs
from goalkeeper.reporters.outcomes import SIGNS
from goalkeeper.said import Said
from goalkeeper.scorecard import Scorecard

PERSIAN = language("fa")
FIGURES = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬٫٪−", "0123456789,.%-", "\u2066\u2067\u2068\u2069\u200f")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
JALALI = re.compile(
    rf"(?:\d+(?: (?:{'|'.join(PERSIAN.jalali_months)}))?(?: \d{{4}})? تا )?\d+ (?:{'|'.join(PERSIAN.jalali_months)}) \d{{4}}"
)
PERIOD = re.compile(
    rf"(?:{'|'.join([*PERSIAN.jalali_months, *PERSIAN.quarters])}) \d{{4}}|\b1[34]\d\d-(?:\d\d|Q[1-4])\b(?!-)"
)
NUMBER = re.compile(r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?%?")
SIGN = re.compile(rf"^[\s|#*-]*([{re.escape(''.join(SIGNS.values()))}])\s", re.MULTILINE)


def facts(text: str) -> dict[str, Counter[str]]:
    """What a report says whatever its language: its signs, days and numbers."""
    plain = re.sub(r"&#\d+;", "", text).translate(FIGURES).replace("صفر", "0")
    days = Counter(ISO.findall(plain))
    undated = JALALI.sub(" ", ISO.sub(" ", plain))
    periods = Counter({"periods": len(PERIOD.findall(undated))})
    numbers = Counter(NUMBER.findall(PERIOD.sub(" ", undated)))
    numbers["0"] = min(numbers["0"], 1)  # a zero in prose may be said once or twice
    return {
        "days": Counter(dict.fromkeys(days, 1)),
        "periods": periods,
        "numbers": numbers,
        "signs": Counter(SIGN.findall(plain)),
    }


def in_both(card: Scorecard, form: str, **look: Any) -> tuple[str, str]:
    return outputs.render(card, form, language="en", **look), outputs.render(card, form, language="fa", **look)


def prose(text: str) -> list[str]:
    """English sentences that were left in a Persian report: five words of it outside of what was isolated."""
    depth, plain = 0, []
    for letter in text:
        depth += (letter in "\u2066\u2067\u2068") - (letter == "\u2069")
        plain.append(letter if depth == 0 else " ")
    return re.findall(r"[a-z]+(?: [a-z]+){2,}", "".join(plain))


def says_the_same(card: Scorecard) -> None:
    """A scorecard has the same days, numbers and signs in Persian as in English, and no English sentence is left."""
    verdicts = [verdict for goal in card.goals for rule in goal.rules for verdict in rule.verdicts]
    plain = [reason for verdict in verdicts for reason in verdict.reasons if not isinstance(reason, Said)]
    assert plain == [], "these would stay English"
    for form, look in (("terminal", {"width": 400}), ("markdown", {})):
        english, persian = in_both(card, form, **look)
        assert facts(persian) == facts(english), persian
        assert prose(persian) == [], persian
