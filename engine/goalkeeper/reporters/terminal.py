"""The scorecard as text for a terminal: outcome first, then each goal, each rule, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from goalkeeper.figures import side_by_side
from goalkeeper.quantity import format_number
from goalkeeper.reporters import diagnoses, phrases
from goalkeeper.reporters.layout import Page, Style, bar, cells, cut, sides, signed, table, wrap
from goalkeeper.reporters.outcomes import HEADLINES, SIGNS, STYLES, ending, tally
from goalkeeper.reporters.safe import safe, segment_text
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, Outcome, RuleResult, Verdict

SHOWN = 10
"""How many segments or windows of a rule are listed unless all are asked for."""
SHOWN_IDLE = 3
"""How many segments without rows are named."""
BAR = 24
NARROWEST = 40
ROOMY = 60


def render(scorecard: Scorecard, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The scorecard in lines of at most *width* columns (40 or more); *verbose* lists every segment and window."""
    page = _Page(max(width, NARROWEST), color=color, verbose=verbose)
    lines = list(page.scorecard(scorecard))
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Page(Page):
    """The parts of the page, for one width."""

    def __init__(self, width: int, *, color: bool, verbose: bool) -> None:
        super().__init__(width, color=color)
        self.verbose = verbose
        self.names: Mapping[str, str] = {}

    def scorecard(self, card: Scorecard) -> Iterator[str]:
        head = f"Scorecard as of {card.as_of}"
        word = f"{SIGNS[card.outcome]} {HEADLINES[card.outcome]}" if card.goals else "NOTHING JUDGED"
        line = sides(head, word, self.width)
        yield self.paint(line[: -len(word)], Style.BOLD) + self.paint(word, Style.BOLD, STYLES[card.outcome])
        score = "no score" if card.score is None else f"score {format_number(round(card.score, 1))} of 100"
        yield from wrap(
            " · ".join(part for part in (tally(card), score, f"gate: {safe(card.gate)}") if part), self.width
        )
        parents = _parents(card.goals)
        self.names = card.names
        for goal in card.goals:
            yield ""
            yield from self.goal(goal, parents.get(goal.id))
        if card.sections:
            yield from self.sections(card)
        if card.diagnoses:
            yield ""
            yield self.paint("What the numbers may mean", Style.BOLD)
            yield from diagnoses.render(
                card.diagnoses, self.names, width=self.width, color=self.color, verbose=self.verbose
            )
        if card.dropped or card.notes:
            yield from self.left_out(card)
        yield ""
        yield from wrap(ending(card), self.width)

    def sections(self, card: Scorecard) -> Iterator[str]:
        from goalkeeper.reporters import sections  # only for those who ask for them

        look = sections.Look(self.width, self.color, self.verbose)
        for section in card.sections:
            yield ""
            yield from sections.render(section, self.names, look)

    def left_out(self, card: Scorecard) -> Iterator[str]:
        """What of the data was not read."""
        from goalkeeper.reporters import left_out  # only where something was

        yield ""
        if self.verbose:
            yield self.paint("Left out of the data", Style.BOLD)
            yield from left_out.listed(card.dropped, card.notes, self.width)
        else:
            for line in wrap(left_out.in_one_line(card.dropped, card.notes), self.width):
                yield self.paint(line, Style.DIM)

    def goal(self, goal: GoalResult, parent: str | None) -> Iterator[str]:
        sign = f"{SIGNS[goal.outcome]} {HEADLINES[goal.outcome]}"
        score = "" if goal.score is None else f"score {format_number(round(goal.score, 1))}"
        names = list(wrap(safe(goal.name), self.width - cells(sign) - cells(score) - 4))
        first = sides(f"{sign}  {names[0] if names else ''}", score, self.width)
        yield self.paint(first[: len(sign)], Style.BOLD, STYLES[goal.outcome]) + self.paint(
            first[len(sign) :], Style.BOLD
        )
        for name in names[1:]:
            yield " " * (len(sign) + 2) + self.paint(name, Style.BOLD)
        about = [
            f"part of {safe(parent)}" if parent else "",
            safe(goal.why) if goal.why else "",
            f"success: {safe(goal.sign_of_success)}" if goal.sign_of_success else "",
            f"owner: {safe(goal.owner)}" if goal.owner else "",
            f"passes when: {safe(goal.rollup)}" if goal.rollup != "all" else "",
        ]
        for note in goal.excluded:
            days = f"{note.first}" if note.first == note.last else f"{note.first} to {note.last}"
            about.append(f"without {days}: {safe(note.reason)}")
        if goal.score is not None and goal.weight_covered < 1:
            about.append(f"the score rests on {goal.weight_covered:.0%} of the weight")
        named = len(goal.rules) == 1 and goal.rules[0].rule == goal.name
        place = f" · {safe(goal.location.file)}:{goal.location.line}" if goal.location is not None else ""
        about.append("" if named else f"{safe(goal.id)}{place}")
        for text in filter(None, about):
            for line in wrap(text, self.width, "  "):
                yield self.paint(line, Style.DIM)
        for rule in goal.rules:
            yield ""
            yield from self.rule(rule, named=named)

    def rule(self, rule: RuleResult, *, named: bool) -> Iterator[str]:
        """A rule; *named* says that the goal above has its name."""
        verdict = rule.worst
        sign, state = SIGNS[rule.outcome], phrases.state_of(verdict)
        if rule.kind == "child":
            state = str(rule.outcome)
        if named:
            yield self.paint(f"  {sign} {state}", STYLES[rule.outcome])
        else:
            yield from self.rule_line(rule, sign, state)
        if len(rule.verdicts) == 1:
            yield from self.verdict(verdict)
        else:
            yield from self.verdicts(rule)
        yield from self.idle(rule)

    def idle(self, rule: RuleResult) -> Iterator[str]:
        """The segments that are not judged, and how many they are."""
        if not rule.idle:
            return
        noun = "segment" if len(rule.idle) == 1 else "segments"
        several = len({v.window for v in rule.verdicts}) > 1
        where = "in some of the windows, not judged there" if several else "in the window, not judged"
        shown = rule.idle if self.verbose else rule.idle[:SHOWN_IDLE]
        rest = len(rule.idle) - len(shown)
        names = ", ".join(map(segment_text, shown)) + (f" and {rest} more" if rest else "")
        yield from self.dim(f"{len(rule.idle)} {noun} without rows {where}: {names}")

    def rule_line(self, rule: RuleResult, sign: str, state: str) -> Iterator[str]:
        mark = " (key)" if rule.key else ""
        text = f"{safe(rule.title(self.names))}{mark}"
        yield from signed("  ", (sign, STYLES[rule.outcome]), text, state, self.width, color=self.color)

    def dim(self, text: str) -> Iterator[str]:
        for line in wrap(text, self.width, "    "):
            yield self.paint(line, Style.DIM)

    def verdict(self, verdict: Verdict) -> Iterator[str]:
        if verdict.kind == "child":
            return
        if verdict.segment:
            yield f"    {cut(segment_text(verdict.segment), self.width - 4)}"
        numbers = phrases.numbers_of(verdict)
        share, mark = phrases.bar_of(verdict)
        if numbers and share is not None and self.width >= 50:
            drawn = bar(share, mark, BAR)
            percent = f"{share:.0%}" if share < 9.995 else ">999%"
            room = self.width - 4 - BAR - len(">999%") - 4
            if cells(numbers) <= room:
                yield f"    {numbers}{' ' * max(room - cells(numbers), 0)}  {self.paint(drawn, STYLES[verdict.outcome])}  {percent}"
            else:
                yield from wrap(numbers, self.width, "    ")
                yield f"    {self.paint(drawn, STYLES[verdict.outcome])}  {percent}"
        elif numbers:
            yield from wrap(numbers, self.width, "    ")
        when = phrases.when(verdict)
        if when:
            yield from self.dim(when)
        for reason in verdict.reasons:
            yield from wrap(safe(reason), self.width, "    - ", "      ")
        yield from self.contributions(verdict)
        yield from self.waiver(verdict)
        yield from self.breakdown(verdict)
        if verdict.location is not None:
            yield from self.dim(f"{safe(verdict.location.file)}:{verdict.location.line}")

    def reason(self, which: Sequence[str], reason: str) -> Iterator[str]:
        """A reason, with the window and segment that it is about."""
        text = ": ".join([*([", ".join(which)] if which else []), safe(reason)])
        yield from wrap(text, self.width, "    - ", "      ")

    def contributions(self, verdict: Verdict, which: Sequence[str] = ()) -> Iterator[str]:
        if verdict.drivers is not None:
            from goalkeeper.reporters import contributions  # only where there is something to explain

            for text in contributions.phrases(verdict.drivers, verdict.unit):
                yield from self.reason(which, text)

    def waiver(self, verdict: Verdict) -> Iterator[str]:
        if verdict.waiver is not None:
            yield from wrap(safe(verdict.waiver.text), self.width, "    - ", "      ")

    def breakdown(self, verdict: Verdict) -> Iterator[str]:
        if not verdict.breakdown:
            return
        by = " and ".join(map(safe, verdict.breakdown[0].segment))
        compared = any(part.baseline is not None for part in verdict.breakdown)
        was = "; was: the baseline" + (" over as many days" if verdict.from_zero else "") if compared else ""
        yield from self.dim(f"by {by}, not judged{was}")
        rows = []
        for part in verdict.breakdown:
            show = side_by_side(phrases.floats_of(part.value, part.baseline), verdict.unit)
            row = [segment_text(part.segment), phrases.value_text(part.value, show)]
            rows.append([*row, "was", phrases.value_text(part.baseline, show)] if compared else row)
        shown = rows if self.verbose else rows[:SHOWN]
        for row in table(shown, [False, True, False, True][: len(shown[0])], self.width - 6):
            yield "      " + "  ".join(row)
        if len(rows) > len(shown):
            yield from self.dim(f"  and {len(rows) - len(shown)} more")

    def verdicts(self, rule: RuleResult) -> Iterator[str]:
        """Several verdicts as a table, the worst first."""
        ordered = rule.worst_first
        shown = ordered if self.verbose else ordered[:SHOWN]
        windows = len({v.window for v in rule.verdicts}) > 1
        rows = [
            [
                SIGNS[verdict.outcome],
                *([phrases.window_of(verdict)] if windows else []),
                *([segment_text(verdict.segment)] if any(v.segment for v in rule.verdicts) else []),
                phrases.value_text(verdict.value, phrases.shown_by(verdict)),
                *([phrases.against(verdict)] if self.width >= ROOMY else []),
                phrases.state_of(verdict),
            ]
            for verdict in shown
        ]
        after = 2 if self.width >= ROOMY else 1
        right = [False] * (len(rows[0]) - 1 - after) + [True] + [False] * after
        for row, verdict in zip(table(rows, right, self.width - 4), shown, strict=True):
            row[0] = self.paint(row[0], STYLES[verdict.outcome])
            yield "    " + "  ".join(row)
        rest = ordered[len(shown) :]
        if rest:
            counted = Counter(phrases.state_of(verdict) for verdict in rest)
            yield from self.dim(f"and {len(rest)} more: " + ", ".join(f"{n} {state}" for state, n in counted.items()))
        if rule.streak is not None:
            yield from self.dim(rule.streak.text)
        first = shown[0]
        when = phrases.when(first, windows=windows, whose=segment_text(first.segment))
        if when:
            yield from self.dim(when)
        which = _which(first, windows=windows)
        for reason in first.reasons:
            yield from self.reason(which, reason)
        said = {*first.reasons}
        for verdict in shown[1:]:
            # What could not be judged has a cure of its own, which the worst verdict does not tell.
            if verdict.outcome is Outcome.INCONCLUSIVE and verdict.reasons and verdict.reasons[0] not in said:
                said.add(verdict.reasons[0])
                yield from self.reason(_which(verdict, windows=windows), verdict.reasons[0])
        yield from self.contributions(first, which)
        yield from self.waiver(first)
        if first.location is not None:
            yield from self.dim(f"{safe(first.location.file)}:{first.location.line}")


def _which(verdict: Verdict, *, windows: bool) -> list[str]:
    """The window and segment that tell a verdict from others of its rule."""
    which = [phrases.window_of(verdict)] if windows and verdict.window else []
    return [*which, segment_text(verdict.segment)] if verdict.segment else which


def _parents(goals: Sequence[GoalResult]) -> dict[str, str]:
    """The name of the goal that each child counts through."""
    return {rule.child: goal.name for goal in goals for rule in goal.rules if rule.child is not None}
