"""The scorecard as JUnit XML, for the test views of pipelines: a suite for each goal, a case for each rule.

What consumers do decides what becomes of an outcome. All of them take `failure` and `error` for red, `skipped` for
neither, and the rest for green, and GitLab shows the text inside, not the attributes. So a rule is red only where it
keeps the gate closed: a failed one as `failure`, one that could not be judged as `error`, which GitLab and GitHub's
reporters count apart. What does not close the gate but is no pass either (pending, waived, tolerated by the goal or
the gate) is `skipped`, with its reason. A warning is green, and said in `system-out` and in the suite's properties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from goalkeeper.languages import speaking
from goalkeeper.quantity import format_number
from goalkeeper.reporters.closing import closes
from goalkeeper.reporters.inert import quiet_markup
from goalkeeper.reporters.safe import safe
from goalkeeper.reporters.telling import below, in_short, keyed, waiver_text
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, Outcome, RuleResult


@speaking("en")
def render(scorecard: Scorecard) -> str:
    """The document, with nothing in it that XML 1.0 forbids."""
    root = ET.Element("testsuites", name="goalkeeper")
    names = scorecard.names
    for goal in scorecard.goals:
        file = goal.location.file if goal.location is not None else None
        suite = _suite(root, goal.name, _properties(scorecard, goal, names), file)
        suite.extend(_case(scorecard, goal, title, rule) for title, rule in keyed(goal.rules, names))
    if not scorecard.goals:
        # An empty report would pass for a good one.
        nothing = ET.Element("testcase", classname="goalkeeper", name="something is evaluated", time="0")
        _said(nothing, "error", "nothing_evaluated", "Nothing was evaluated: there is no goal.")
        _suite(root, "goalkeeper", [("as_of", str(scorecard.as_of))], None).append(nothing)
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    return written(root)


def written(root: ET.Element) -> str:
    """The text of a document whose texts are safe."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{quiet_markup(ET.tostring(root, encoding="unicode"))}\n'


def _suite(root: ET.Element, name: str, properties: Sequence[tuple[str, str]], file: str | None) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=safe(name))
    if file is not None:
        suite.set("file", safe(file))
    listed = ET.SubElement(suite, "properties")
    for key, value in properties:
        ET.SubElement(listed, "property", name=key, value=value)
    return suite


def _properties(card: Scorecard, goal: GoalResult, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is to be known of a goal. Warnings are here, too: no case has a sign for them."""
    found = [
        ("goal", goal.id),
        ("as_of", str(card.as_of)),
        ("outcome", str(goal.outcome)),
        ("score", "" if goal.score is None else format_number(round(goal.score, 1))),
        ("rollup", goal.rollup),
        ("owner", goal.owner or ""),
    ]
    for title, rule in keyed(goal.rules, names):
        if rule.outcome is Outcome.WARN:
            found.append(("warning", f"{title}: {in_short(rule, rule.worst)}"))
    return [(key, safe(value)) for key, value in found if value]


def _case(card: Scorecard, goal: GoalResult, title: str, rule: RuleResult) -> ET.Element:
    case = ET.Element("testcase", classname=safe(goal.id), name=title, time="0")
    verdict = rule.worst
    short = in_short(rule, verdict)
    more = list(below(rule, verdict))
    if closes(card, goal, rule):
        kind = "error" if rule.outcome is Outcome.INCONCLUSIVE else "failure"
        _said(case, kind, verdict.state, _also_warned(rule) + short, more)
    elif rule.outcome is Outcome.PASS:
        ET.SubElement(case, "system-out").text = "\n".join([short, *more])
    elif rule.outcome is Outcome.WARN:
        ET.SubElement(case, "system-out").text = "\n".join([f"warning: {short}", *more])
    else:
        _said(case, "skipped", verdict.state, _why_not_red(card, goal, rule) + short, more)
    return case


def _also_warned(rule: RuleResult) -> str:
    return "a warning closes the gate here: " if rule.outcome is Outcome.WARN else ""


def _why_not_red(card: Scorecard, goal: GoalResult, rule: RuleResult) -> str:
    """Why a rule that did not pass is not red."""
    match rule.outcome:
        case Outcome.FAIL:
            what = "failed"
        case Outcome.INCONCLUSIVE:
            what = "could not be judged"
        case _:
            return f"{waiver_text(rule.worst.waiver)}; " if rule.worst.waiver is not None else f"{rule.outcome}: "
    if not rule.key and any(other.key for other in goal.rules):
        return f"{what}, and only warns beside key rules: "
    if goal.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}:
        return f"{what}, and does not close the gate (gate: {safe(card.gate)}): "
    return f"{what}, and the goal came to {goal.outcome} all the same (passes when: {safe(goal.rollup)}): "


def _said(case: ET.Element, kind: str, state: str, message: str, more: Sequence[str] = ()) -> None:
    """Say why a case is not green: in the attribute that Jenkins shows, and in the text that GitLab shows."""
    ET.SubElement(case, kind, type=state, message=message).text = "\n".join([message, *more])


def _count(element: ET.Element, suites: Sequence[ET.Element]) -> None:
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    element.set("failures", str(_number_of("failure", cases)))
    element.set("errors", str(_number_of("error", cases)))
    if element.tag == "testsuite":
        element.set("skipped", str(_number_of("skipped", cases)))
    element.set("time", "0")


def _number_of(kind: str, cases: Sequence[ET.Element]) -> int:
    return sum(case.find(kind) is not None for case in cases)
