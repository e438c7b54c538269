"""The scorecard as SARIF 2.1.0, for the views that show findings at their line of a file.

A finding is what a rule came to: one for each outcome that its verdicts have, told by the worst of them, so that a
thousand segments make no thousand findings on one line. What failed is an error where it keeps the gate closed, and a
warning where it does not; the same holds for what could not be judged; what warns is a warning. Waived verdicts are
findings that are suppressed, with the reason of the waiver. Nothing is found of what passed or is pending.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from goalkeeper.exits import EXIT_NOTHING
from goalkeeper.languages import speaking
from goalkeeper.problems import Severity, Span
from goalkeeper.reporters.closing import closes
from goalkeeper.reporters.json_parts import dump
from goalkeeper.reporters.outcomes import ending
from goalkeeper.reporters.safe import safe
from goalkeeper.reporters.telling import below, in_short, keyed, of_outcome, waiver_text
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LONGEST_ID = 255
"""Code hosts refuse the id of a rule that is longer."""
_FOUND = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN, Outcome.WAIVED)
_BRACKET = re.compile(r"(\\*)\[")
"""A bracket, and the signs before it that would take its escape away."""


@speaking("en")
def render(scorecard: Scorecard) -> str:
    """The log, with one run."""
    names = scorecard.names
    rules = [
        (_id(goal, title), goal, title, rule) for goal in scorecard.goals for title, rule in keyed(goal.rules, names)
    ]
    results = [
        result
        for index, (key, goal, _, rule) in enumerate(rules)
        for result in _results(scorecard, goal, rule, {"ruleId": key, "ruleIndex": index})
    ]
    driver = {
        "name": "goalkeeper",
        "version": version("goalkeeper"),
        "rules": [_descriptor(key, goal, title, rule) for key, goal, title, rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(scorecard)],
        "results": results,
        "properties": {"asOf": scorecard.as_of.isoformat(), "outcome": scorecard.outcome, "gate": safe(scorecard.gate)},
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _id(goal: GoalResult, title: str) -> str:
    """The name of a rule that stays while goal and sentence do."""
    name = f"{safe(goal.id)}/{title}"
    return name if len(name) <= LONGEST_ID else f"{name[: LONGEST_ID - 17]}~{_hash(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _descriptor(key: str, goal: GoalResult, title: str, rule: RuleResult) -> dict[str, Any]:
    about = [safe(goal.name), *([f"why: {safe(goal.why)}"] if goal.why else [])]
    about += [f"owner: {safe(goal.owner)}"] if goal.owner else []
    about += [f"the goal passes when: {safe(goal.rollup)}"] if goal.rollup != "all" else []
    return {
        "id": key,
        "shortDescription": _text(title),
        "fullDescription": _text("; ".join(about)),
        "help": _text("\n".join([title, *about])),
        "defaultConfiguration": {"level": "error"},
        "properties": {"goal": safe(goal.id), "kind": rule.kind, "key": rule.key, "weight": rule.weight},
    }


def _results(card: Scorecard, goal: GoalResult, rule: RuleResult, named: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A finding for each outcome of a rule that is no pass; of waived verdicts, for each waiver."""
    for outcome in _FOUND:
        groups: dict[Any, list[Verdict]] = {}
        for verdict in of_outcome(rule, outcome):
            groups.setdefault(verdict.waiver, []).append(verdict)
        for number, (waiver, verdicts) in enumerate(groups.items()):
            worst = verdicts[0]
            alike = replace(rule, outcome=outcome)
            text = "\n".join([in_short(alike, worst), *below(rule, worst)])
            print_ = _hash(f"{named['ruleId']}\n{outcome}\n{number}")
            result = {
                **named,
                "level": "error" if closes(card, goal, alike) else "warning",
                "message": _text(text),
                "locations": _locations(worst.location or goal.location),
                # Code hosts match findings by the first, which would be that of the line if it were left out.
                "partialFingerprints": {"primaryLocationLineHash": f"{print_}:1", "goalkeeperVerdict/v1": print_},
                "properties": {"outcome": outcome, "state": worst.state, "verdicts": len(verdicts)},
            }
            if outcome is Outcome.WAIVED:
                said = waiver_text(waiver) if waiver is not None else "waived"
                result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": said}]
            yield result


def _text(text: str) -> dict[str, str]:
    """A message in which no text from a file becomes a link: no bracket before the last end of one begins any."""
    end = max(text.rfind("]("), 0)
    return {"text": _BRACKET.sub(lambda found: f"{found[1] * 2}\\[", text[:end]) + text[end:]}


def _locations(span: Span | None) -> list[dict[str, Any]]:
    if span is None:
        return []
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.length}
    return [{"physicalLocation": {"artifactLocation": _artifact(span.file), "region": region}}]


def _artifact(file: str) -> dict[str, str]:
    """A file as an address: below the folder of the sources where its path is relative."""
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix(), errors="replace"), "uriBaseId": "%SRCROOT%"}


def _invocation(card: Scorecard) -> dict[str, Any]:
    """How the run ended. Nothing found is nothing good where nothing was judged."""
    return {
        "executionSuccessful": card.exit_code != EXIT_NOTHING,
        "exitCode": card.exit_code,
        "exitCodeDescription": ending(card),
        "toolConfigurationNotifications": [
            {
                "descriptor": {"id": problem.code},
                "level": "error" if problem.severity is Severity.ERROR else "warning",
                "message": _text(safe(f"{problem.message}; {problem.help}" if problem.help else problem.message)),
                "locations": _locations(problem.span),
            }
            for problem in card.problems
        ],
    }
