"""A rule in a few plain lines, for reports that are read somewhere else: in a pipeline, a review or a spreadsheet.

Every text is safe to show; what a format makes of signs is for its own reporter to defuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from goalkeeper.reporters import phrases
from goalkeeper.reporters.safe import safe
from goalkeeper.verdict import Outcome, RuleResult, Segment, Verdict, WaiverNote


def title_of(rule: RuleResult, names: Mapping[str, str]) -> str:
    """A rule as it is written, or the name of the goal that it is about."""
    return safe(rule.title(names))


def keyed(rules: Sequence[RuleResult], names: Mapping[str, str]) -> Iterator[tuple[str, RuleResult]]:
    """The rules of a goal, each with a key that no other one has: two that read the same are told apart by a number."""
    seen = Counter[str]()
    for rule in rules:
        title = " ".join(title_of(rule, names).split()) or "(blank)"
        seen[title] += 1
        yield (title if seen[title] == 1 else f"{title} #{seen[title]}"), rule


def in_short(rule: RuleResult, verdict: Verdict) -> str:
    """A verdict in a line: its state, where it holds, and its numbers."""
    if rule.kind == "child":
        return f"the goal came to {rule.outcome}"
    where = which(rule, verdict)
    state = f"{phrases.state_of(verdict)}{f' ({where})' if where else ''}"
    numbers = phrases.numbers_of(verdict)
    return f"{state}: {numbers}" if numbers else state


def which(rule: RuleResult, verdict: Verdict) -> str:
    """The window and the segment that tell a verdict from others of its rule."""
    several = len({one.window for one in rule.verdicts}) > 1
    window = [phrases.window_of(verdict)] if several and verdict.window else []
    return ", ".join([*window, *([segment_of(verdict.segment)] if verdict.segment else [])])


def segment_of(segment: Segment) -> str:
    """`campaign: launch, platform: instagram`."""
    return ", ".join(f"{safe(name)}: {safe(value) or '(blank)'}" for name, value in segment.items())


def below(rule: RuleResult, verdict: Verdict) -> Iterator[str]:
    """What else is to be known of a verdict of a rule, how the others went, and where the rule stands."""
    when = "" if rule.kind == "child" else phrases.when(verdict)
    if when:
        yield when
    yield from reasons_of(verdict)
    yield from beside(rule, verdict)
    place = place_of(verdict)
    if place:
        yield place


def reasons_of(verdict: Verdict) -> Iterator[str]:
    """Why a verdict came out as it did: its reasons, what contributed to the change, and who waived it."""
    yield from map(safe, verdict.reasons)
    if verdict.drivers is not None:
        from goalkeeper.reporters import contributions  # only where there is something to explain

        yield from contributions.phrases(verdict.drivers, verdict.unit)
    if verdict.waiver is not None:
        yield waiver_text(verdict.waiver)


def waiver_text(waiver: WaiverNote) -> str:
    """Who waived something, until when, and why."""
    return safe(waiver.text)


def beside(rule: RuleResult, verdict: Verdict) -> Iterator[str]:
    """How the other verdicts of a rule went, and how many segments had no rows."""
    others = [one for one in rule.worst_first if one is not verdict]
    if others:
        counted = Counter(phrases.state_of(other) for other in others)
        yield f"and {len(others)} more: " + ", ".join(f"{count} {state}" for state, count in counted.items())
    said = set(verdict.reasons)
    for other in others:
        # What could not be judged has a cure of its own, which the worst verdict does not tell.
        if other.outcome is Outcome.INCONCLUSIVE and other.reasons and other.reasons[0] not in said:
            said.add(other.reasons[0])
            yield f"{which(rule, other)}: {safe(other.reasons[0])}"
    if rule.idle:
        noun = "segment" if len(rule.idle) == 1 else "segments"
        yield f"{len(rule.idle)} {noun} without rows, not judged"
    if rule.streak is not None:
        yield rule.streak.text


def of_outcome(rule: RuleResult, outcome: Outcome) -> list[Verdict]:
    """The verdicts of a rule that came to *outcome*, the worst first."""
    return [verdict for verdict in rule.worst_first if verdict.outcome is outcome]


def place_of(verdict: Verdict) -> str:
    """The file and line of a rule, where it is known."""
    return "" if verdict.location is None else f"{safe(verdict.location.file)}:{verdict.location.line}"
