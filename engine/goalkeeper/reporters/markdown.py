"""The scorecard in Markdown: the outcome, and a table of the rules of each goal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goalkeeper.quantity import format_number
from goalkeeper.reporters import phrases
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import RuleResult

_MARKS = re.compile(r"[\\`*_{}\[\]()<>#+!|~&@:.-]")


def render(scorecard: Scorecard, *, limit: int = 65_536) -> str:
    """A page that code hosts show, of at most *limit* bytes in UTF-8: text from files is escaped."""
    text = "\n".join(_page(scorecard)) + "\n"
    if len(text.encode("utf-8")) <= limit:
        return text
    note = f"\n> **Cut at {limit:,} bytes.** The JSON report has everything.\n"
    kept = text.encode("utf-8")[: max(limit - len(note), 0)].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1] + note


def _page(card: Scorecard) -> Iterator[str]:
    headline = HEADLINES[card.outcome] if card.goals else "NOTHING JUDGED"
    yield f"## {SIGNS[card.outcome]} {headline}: scorecard as of {card.as_of}"
    for goal in card.goals:
        score = "" if goal.score is None else f" · score {format_number(round(goal.score, 1))}"
        yield ""
        yield f"### {SIGNS[goal.outcome]} {_plain(goal.name)}{score}"
        yield ""
        yield "| | rule | numbers | state |"
        yield "|---|---|---|---|"
        for rule in goal.rules:
            yield _row(rule)


def _row(rule: RuleResult) -> str:
    verdict = rule.worst
    key = " (key)" if rule.key else ""
    text = _plain(phrases.numbers_of(verdict))
    return f"| {SIGNS[rule.outcome]} | {_plain(rule.rule)}{key} | {text} | {phrases.state_of(verdict)} |"


def _plain(text: str) -> str:
    return _MARKS.sub(lambda found: f"&#{ord(found.group())};", safe(text))
