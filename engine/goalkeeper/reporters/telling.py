"""A rule in a few plain lines, for reports that are read somewhere else: in a pipeline, a review or a spreadsheet.

Every text is safe to show; what a format makes of signs is for its own reporter to defuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from goalkeeper.languages import Shown, tr
from goalkeeper.reporters import phrases
from goalkeeper.reporters.outcomes import word
from goalkeeper.reporters.safe import apart, composed, in_a_row, place, safe
from goalkeeper.said import enumerated, say
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, Segment, Verdict, WaiverNote


def title_of(rule: RuleResult, names: Mapping[str, str]) -> Shown:
    """A rule as it is written, or the name of the goal that it is about."""
    return safe(rule.title(names))


def is_named(goal: GoalResult) -> bool:
    """Whether a goal has the name of its single rule, which then need not be said again."""
    return len(goal.rules) == 1 and goal.rules[0].rule == goal.name


def keyed(rules: Sequence[RuleResult], names: Mapping[str, str]) -> Iterator[tuple[str, RuleResult]]:
    """The rules of a goal, each with a key that no other one has: two that read the same are told apart by a number."""
    seen = Counter[str]()
    for rule in rules:
        title = " ".join(title_of(rule, names).split()) or "(blank)"
        seen[title] += 1
        yield (title if seen[title] == 1 else f"{title} #{seen[title]}"), rule


def came_to(rule: RuleResult) -> Shown:
    """The state of a rule; of one about another goal the outcome."""
    return word(rule.outcome) if rule.kind == "child" else phrases.state_of(rule.worst)


def in_short(rule: RuleResult, verdict: Verdict) -> Shown:
    """A verdict in a line: its state, where it holds, and its numbers."""
    if rule.kind == "child":
        return tr("the goal came to {outcome}", outcome=rule.outcome)
    where = which(rule, verdict)
    state = phrases.state_words(verdict)
    told = tr("{state} ({where})", state=state, where=where) if where else safe(state)
    numbers = phrases.numbers_of(verdict)
    return Shown(f"{told}: {numbers}") if numbers else told


def segment_of(segment: Segment) -> Shown:
    """`campaign: launch, platform: instagram`."""
    blank = tr("(blank)")
    return in_a_row(composed(f"{apart(name)}: {apart(value or blank)}") for name, value in segment.items())


def which(rule: RuleResult, verdict: Verdict, named: Callable[[Segment], Shown] = segment_of) -> Shown:
    """The window and the segment that tell a verdict from others of its rule; *named* says the latter."""
    several = any(one.window != verdict.window for one in rule.verdicts)
    window = [phrases.window_of(verdict)] if several and verdict.window else []
    parts = [*window, *([named(verdict.segment)] if verdict.segment else [])]
    return in_a_row(map(apart, parts)) if parts else Shown("")


def below(rule: RuleResult, verdict: Verdict) -> Iterator[Shown]:
    """What else is to be known of a verdict of a rule, how the others went, and where the rule stands."""
    when = Shown("") if rule.kind == "child" else phrases.when(verdict)
    if when:
        yield when
    yield from reasons_of(verdict)
    yield from beside(rule, verdict)
    if verdict.location is not None:
        yield place(verdict.location)


def reasons_of(verdict: Verdict) -> Iterator[Shown]:
    """Why a verdict came out as it did: its reasons, what contributed to the change, and who waived it."""
    yield from map(apart, verdict.reasons)
    if verdict.drivers is not None:
        from goalkeeper.reporters import contributions  # only where there is something to explain

        yield from contributions.phrases(verdict.drivers, verdict.unit)
    if verdict.waiver is not None:
        yield waiver_text(verdict.waiver)


def waiver_text(waiver: WaiverNote) -> Shown:
    """Who waived something, until when, and why."""
    return apart(waiver.text)


def beside(rule: RuleResult, verdict: Verdict) -> Iterator[Shown]:
    """How the other verdicts of a rule went, and how many segments had no rows."""
    others = [one for one in rule.worst_first if one is not verdict]
    if others:
        yield others_in_short(others)
    for other, cure in cures(verdict, others):
        yield Shown(f"{which(rule, other)}: {apart(cure)}")
    if rule.idle:
        count = len(rule.idle)
        one = count == 1
        yield tr(
            "1 segment without rows, not judged" if one else "{count} segments without rows, not judged", count=count
        )
    if rule.streak is not None:
        yield safe(rule.streak.text)


def cures(told: Verdict, others: Iterable[Verdict]) -> Iterator[tuple[Verdict, str]]:
    """Those that could not be judged for a reason of their own, which has a cure that *told* does not tell."""
    said = set(told.reasons)
    for other in others:
        if other.outcome is Outcome.INCONCLUSIVE and other.reasons and other.reasons[0] not in said:
            said.add(other.reasons[0])
            yield other, other.reasons[0]


def others_in_short(verdicts: Sequence[Verdict]) -> Shown:
    """How many other verdicts there are, and how many of them of each state."""
    counted = Counter(phrases.state_words(verdict) for verdict in verdicts)
    states = enumerated(say("{count} {state}", count=count, state=state) for state, count in counted.items())
    return tr("and {count} more: {states}", count=len(verdicts), states=states)


def of_outcome(rule: RuleResult, outcome: Outcome) -> list[Verdict]:
    """The verdicts of a rule that came to *outcome*, the worst first."""
    return [verdict for verdict in rule.worst_first if verdict.outcome is outcome]
