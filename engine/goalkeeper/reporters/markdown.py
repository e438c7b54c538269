"""The scorecard as Markdown, for a comment on a change or the summary of a pipeline step, on GitHub and GitLab.

The outcome first, then a table of the goals, then each goal with its rules; what did not pass is open, the rest is
folded. The worst goals come first, so that where a host takes only so much the others are left out, and counted.
No line begins with a text from a file: to a code host it could be a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from goalkeeper.languages import Shown, spoken, tr
from goalkeeper.limits import COMMENT_BYTES as COMMENT
from goalkeeper.limits import COMMENT_ROWS as SHOWN
from goalkeeper.problems import Problem
from goalkeeper.quantity import format_number
from goalkeeper.reporters import phrases
from goalkeeper.reporters.defused import defused, fence_for
from goalkeeper.reporters.inert import quiet
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS, ending, score_of, tally, word
from goalkeeper.reporters.safe import apart, clauses, in_a_row, place, safe
from goalkeeper.reporters.telling import (
    beside,
    came_to,
    in_short,
    reasons_of,
    segment_of,
    title_of,
)
from goalkeeper.said import say
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import SEVERITY, Bounds, GoalResult, Outcome, RuleResult, Verdict

_OPEN = {Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN}
_ENDING = 300
"""Bytes that are kept free to say what was left out."""
_ONE_LINE = 1_000_000
"""A page so wide that no line of the terminal's reporters wraps."""
_WIDE = 100


def render(scorecard: Scorecard, *, limit: int = COMMENT) -> str:
    """The page, of at most *limit* bytes in UTF-8; where that is too few, whole goals are left out and counted."""
    page = _Page(scorecard)
    goals = sorted(scorecard.goals, key=lambda goal: -SEVERITY.index(goal.outcome))
    head = page.head()
    left = limit - _ENDING - _size(turned(head))
    rows = list(_fitting((page.row(goal) for goal in goals), left // 2))
    left -= sum(map(_size, rows))
    details = list(_fitting(map(page.goal, goals), left))
    left -= sum(map(_size, details))
    every = len(details) == len(goals)
    after = list(page.after()) if every else []
    shown = list(_fitting(iter(after), left))
    text = "".join([head, *rows, *details, *shown])
    if not every or len(shown) < len(after):
        text += _cut(len(goals), len(rows), len(details), limit)
    return turned(text)


def turned(text: str) -> str:
    """A part of a page, to be read from right to left where its language is: code hosts begin all else at the left."""
    return f'<div dir="rtl">\n\n{text}\n</div>\n' if spoken().direction == "rtl" else text


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _fitting(texts: Iterator[str], room: int) -> Iterator[str]:
    """The texts from the first on that have room."""
    for text in texts:
        room -= _size(text)
        if room < 0:
            return
        yield text


def _cut(goals: int, rows: int, details: int, limit: int) -> str:
    what = say("what follows the goals is left out")
    if details < goals:
        missing = say("{count} of {goals} goals have no details here", count=goals - details, goals=goals)
        what = say("{some} and {others}", some=missing, others=what)
    if rows < goals:
        missing = say("{count} of {goals} goals are not in the table", count=goals - rows, goals=goals)
        what = say("{some} and {others}", some=missing, others=what)
    told = tr("**Cut at {limit:,} bytes:** {what}. The JSON report has everything.", limit=limit, what=what)
    return f"\n> {told}\n"


class _Page:
    """The parts of the page."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.names = card.names

    def head(self) -> str:
        """The outcome, and the top of the table of goals."""
        card = self.card
        sign = SIGNS[card.outcome] if card.goals else "?"
        facts = [f"**{safe(HEADLINES[card.outcome])}**"] if card.goals else []
        facts += [
            tr("as of {day}", day=card.as_of),
            tally(card),
            score_of(card.score),
            tr("gate: {gate}", gate=defused(card.gate)),
            tr("exit code {code}", code=card.exit_code),
        ]
        lines = [f"## {sign} {ending(card)}", "", " · ".join(fact for fact in facts if fact)]
        if card.goals:
            heads = _heads(tr("goal"), tr("outcome"), tr("score"), tr("rules"))
            lines += ["", heads, "|---|---|---|--:|---|"]
        return "\n".join(lines) + "\n"

    def row(self, goal: GoalResult) -> str:
        """A goal as a row of the table."""
        counts = {outcome: sum(rule.outcome is outcome for rule in goal.rules) for outcome in reversed(SEVERITY)}
        rules = in_a_row(
            tr("{count} {outcome}", count=count, outcome=outcome) for outcome, count in counts.items() if count
        )
        part = f"<br><sub>{tr('part of another goal')}</sub>" if goal.child else ""
        score = "" if goal.score is None else _score(goal.score)
        return _row(SIGNS[goal.outcome], f"{_named(goal.name)}{part}", word(goal.outcome), score, rules) + "\n"

    def goal(self, goal: GoalResult) -> str:
        """A goal with its rules: open where there is something to do about it."""
        title = f"{SIGNS[goal.outcome]} {_named(goal.name)}"
        body = "\n".join(self._body(goal))
        if goal.outcome in _OPEN:
            return f"\n### {title}\n\n{body}\n"
        return _folded(f"{title}: {word(goal.outcome)}", body)

    def _body(self, goal: GoalResult) -> Iterator[str]:
        yield " · ".join(self._about(goal))
        yield ""
        yield _heads(tr("rule"), tr("value"), tr("target"), tr("baseline"), tr("state"))
        yield "|---|---|--:|--:|--:|---|"
        for rule in goal.rules:
            yield self._rule(rule)
        told = [line for rule in goal.rules for line in self._told(rule)]
        if told:
            yield from ("", *told)
        for rule in goal.rules:
            if len(rule.verdicts) > 1:
                yield _verdicts(rule, self._title(rule)).rstrip("\n")

    def _about(self, goal: GoalResult) -> Iterator[str]:
        yield f"**{word(goal.outcome)}**"
        if goal.score is not None:
            score, share = format_number(round(goal.score, 1)), goal.weight_covered
            if share < 1:
                yield tr("score {score}, on {share:.0%} of the weight", score=score, share=share)
            else:
                yield tr("score {score}", score=score)
        if goal.why:
            yield tr("why: {why}", why=defused(goal.why))
        if goal.sign_of_success:
            yield tr("success: {sign}", sign=defused(goal.sign_of_success))
        if goal.owner:
            yield tr("owner: {owner}", owner=defused(goal.owner))
        if goal.rollup != "all":
            yield tr("passes when: {rollup}", rollup=defused(goal.rollup))
        for note in goal.excluded:
            yield phrases.without(note, defused(note.reason))

    def _title(self, rule: RuleResult) -> Shown:
        return _named(title_of(rule, self.names))

    def _rule(self, rule: RuleResult) -> str:
        several = ""
        if len(rule.verdicts) > 1:
            several = f"<br><sub>{tr('the worst of {count}', count=len(rule.verdicts))}</sub>"
        key = f" **{tr('(key)')}**" if rule.key else ""
        return _row(SIGNS[rule.outcome], f"{self._title(rule)}{key}{several}", *_numbers(rule.worst), came_to(rule))

    def _told(self, rule: RuleResult) -> Iterator[str]:
        """A rule in words: its days, its reasons, and where it stands."""
        verdict = rule.worst
        where = place(verdict.location)
        when = "" if rule.kind == "child" else phrases.when(verdict)
        told = [*reasons_of(verdict), *beside(rule, verdict)]
        if not told and rule.outcome not in _OPEN:
            return
        yield f"- **{self._title(rule)}**{f' ({defused(where)})' if where else ''}: {defused(in_short(rule, verdict))}"
        for text in (when, *told):
            if text:
                yield f"  - {defused(text)}"

    def after(self) -> Iterator[str]:
        """What follows the goals."""
        card = self.card
        if card.diagnoses:
            from goalkeeper.reporters import diagnoses  # only where there are some

            found = diagnoses.render(card.diagnoses, self.names, width=_ONE_LINE, color=False, verbose=False)
            yield f"\n### {tr('What the numbers may mean')}\n\n{_listed(found)}"
        for section in card.sections:
            from goalkeeper.reporters import sections  # only for those who ask for them

            title, *lines = sections.render(section, self.names, width=_WIDE, color=False, verbose=False)
            yield _folded(defused(Shown(title)), _fenced(lines))
        if card.dropped or card.notes:
            from goalkeeper.reporters import left_out  # only where something was

            left = left_out.listed(card.dropped, card.notes, _ONE_LINE)
            yield _folded(tr("Left out of the data"), _listed(left))
        if card.problems:
            yield _folded(tr("Warnings about the files"), _listed(map(_warning, card.problems)))


def _warning(problem: Problem) -> str:
    """A problem in a line."""
    what = safe(clauses([problem.message, problem.help] if problem.help else [problem.message]))
    return f"  - {problem.code}: {what}"


def _numbers(verdict: Verdict) -> tuple[str, str, str]:
    """Value, target and baseline as people read them."""
    show = phrases.shown_by(verdict)
    value = "" if verdict.value is None else phrases.value_text(verdict.value, show)
    match verdict.target:
        case Bounds(low, high):
            target = tr("{low} to {high}", low=phrases.value_of(low, show), high=phrases.value_of(high, show))
        case float() as number:
            target = safe(show(number))
        case _:
            target = Shown("")
    baseline = safe(show(verdict.baseline)) if isinstance(verdict.baseline, float) else ""
    return defused(value), defused(target), defused(baseline)


def _verdicts(rule: RuleResult, title: str) -> str:
    """All verdicts of a rule, folded."""
    ordered = rule.worst_first
    several, parted = len({one.window for one in ordered}) > 1, any(one.segment for one in ordered)
    beside = [*([tr("days")] if several else []), *([tr("segment")] if parted else [])]
    lines = [
        _row("", *beside, tr("value"), tr("target"), tr("baseline"), tr("state")),
        f"|---{'|---' * len(beside)}|--:|--:|--:|---|",
    ]
    for one in ordered[:SHOWN]:
        where = [*([apart(phrases.window_of(one))] if several else []), *([segment_of(one.segment)] if parted else [])]
        lines.append(_row(SIGNS[one.outcome], *map(defused, where), *_numbers(one), phrases.state_of(one)))
    if len(ordered) > SHOWN:
        lines += ["", tr("and {count} more", count=len(ordered) - SHOWN)]
    return _folded(tr("{count} verdicts of {rule}", count=len(ordered), rule=Shown(title)), "\n".join(lines))


def _named(name: str) -> Shown:
    """A name that means nothing to a page, and moves nothing of what it stands beside."""
    return apart(defused(name))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _heads(*cells: str) -> str:
    """The heads of a table whose first column is that of the signs."""
    return f"| | {' | '.join(cells)} |"


def _folded(title: str, body: str) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{body.rstrip()}\n\n</details>\n"


def _listed(lines: Iterator[str]) -> str:
    """Lines of a page for the terminal as a list: what is further in belongs to what stands above."""
    listed = []
    for line in lines:
        depth = 0 if re.match(r"  \S", line) else 1
        listed.append(f"{'  ' * depth}- {defused(Shown(re.sub(r'^ *(?:- )?', '', line, count=1)))}")
    return "\n".join(listed) + "\n"


def _fenced(lines: Sequence[str]) -> str:
    """Lines as they are, in a fence that none of them ends."""
    text = quiet("\n".join(line.rstrip() for line in lines))
    fence = fence_for(text, 3)
    return f"{fence}text\n{text}\n{fence}"


def _score(score: float) -> Shown:
    return safe(format_number(round(score, 1)))
