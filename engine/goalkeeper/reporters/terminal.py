"""The scorecard as text for a terminal: outcome first, then each goal, each rule, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from goalkeeper.figures import side_by_side
from goalkeeper.languages import spoken, tr
from goalkeeper.limits import IDLE_NAMED as SHOWN_IDLE
from goalkeeper.limits import TERMINAL_ROWS as SHOWN
from goalkeeper.quantity import format_number
from goalkeeper.reporters import diagnoses, phrases
from goalkeeper.reporters.layout import Page, Style, as_page, bar, cells, cut, sides, table, wrap
from goalkeeper.reporters.outcomes import SIGNS, STYLES, ending, headline, score_of, tally
from goalkeeper.reporters.safe import apart, composed, place, safe, segment_text, some_of
from goalkeeper.reporters.telling import came_to, cures, is_named, others_in_short, which
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import GoalResult, RuleResult, Verdict

BAR = 24
ROOMY = 60


def render(scorecard: Scorecard, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The scorecard in lines of at most *width* columns (40 or more); *verbose* lists every segment and window."""
    return as_page(_Page(width, color=color, verbose=verbose).scorecard(scorecard))


class _Page(Page):
    """The parts of the page, for one width."""

    def __init__(self, width: int, *, color: bool, verbose: bool) -> None:
        super().__init__(width, color=color)
        self.verbose = verbose
        self.names: Mapping[str, str] = {}

    def scorecard(self, card: Scorecard) -> Iterator[str]:
        head = tr("Scorecard as of {day}", day=card.as_of)
        came_to = headline(card.outcome) if card.goals else tr("NOTHING JUDGED")
        line = sides(head, came_to, self.width)
        yield self.paint(line[: -len(came_to)], Style.BOLD) + self.paint(came_to, Style.BOLD, STYLES[card.outcome])
        facts = (tally(card), score_of(card.score), tr("gate: {gate}", gate=card.gate))
        yield from wrap(" · ".join(filter(None, facts)), self.width)
        parents = _parents(card.goals)
        self.names = card.names
        for goal in card.goals:
            yield ""
            yield from self.goal(goal, parents.get(goal.id))
        if card.sections:
            yield from self.sections(card)
        if card.diagnoses:
            yield ""
            yield self.paint(tr("What the numbers may mean"), Style.BOLD)
            yield from diagnoses.render(
                card.diagnoses, self.names, width=self.width, color=self.color, verbose=self.verbose
            )
        if card.dropped or card.notes:
            yield from self.left_out(card)
        yield ""
        yield from wrap(ending(card), self.width)

    def sections(self, card: Scorecard) -> Iterator[str]:
        from goalkeeper.reporters import sections  # only for those who ask for them

        for section in card.sections:
            yield ""
            yield from sections.render(section, self.names, width=self.width, color=self.color, verbose=self.verbose)

    def left_out(self, card: Scorecard) -> Iterator[str]:
        """What of the data was not read."""
        from goalkeeper.reporters import left_out  # only where something was

        yield ""
        if self.verbose:
            yield self.paint(tr("Left out of the data"), Style.BOLD)
            yield from left_out.listed(card.dropped, card.notes, self.width)
        else:
            yield from self.dim(left_out.in_one_line(card.dropped, card.notes), "")

    def goal(self, goal: GoalResult, parent: str | None) -> Iterator[str]:
        sign = headline(goal.outcome)
        score = tr("score {score}", score=format_number(round(goal.score, 1))) if goal.score is not None else ""
        yield from self.headed((sign, STYLES[goal.outcome]), apart(goal.name), score)
        named = is_named(goal)
        for text in filter(None, _about(goal, parent, named=named)):
            yield from self.dim(text, "  ")
        for rule in goal.rules:
            yield ""
            yield from self.rule(rule, named=named)

    def rule(self, rule: RuleResult, *, named: bool) -> Iterator[str]:
        """A rule; *named* says that the goal above has its name."""
        verdict = rule.worst
        sign, state = SIGNS[rule.outcome], came_to(rule)
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
        several = len({v.window for v in rule.verdicts}) > 1
        shown = rule.idle if self.verbose else rule.idle[:SHOWN_IDLE]
        count, names = len(rule.idle), some_of([*map(segment_text, shown)], len(rule.idle) - len(shown))
        if several:
            text = tr(
                "1 segment without rows in some of the windows, not judged there: {names}"
                if count == 1
                else "{count} segments without rows in some of the windows, not judged there: {names}",
                count=count,
                names=names,
            )
        else:
            text = tr(
                "1 segment without rows in the window, not judged: {names}"
                if count == 1
                else "{count} segments without rows in the window, not judged: {names}",
                count=count,
                names=names,
            )
        yield from self.dim(text)

    def rule_line(self, rule: RuleResult, sign: str, state: str) -> Iterator[str]:
        title = rule.title(self.names)
        text = tr("{rule} (key)", rule=title) if rule.key else apart(title)
        yield from self.signed("  ", (sign, STYLES[rule.outcome]), text, state)

    def verdict(self, verdict: Verdict) -> Iterator[str]:
        if verdict.kind == "child":
            return
        if verdict.segment:
            yield f"    {cut(segment_text(verdict.segment), self.width - 4)}"
        numbers = phrases.numbers_of(verdict)
        share, mark = phrases.bar_of(verdict)
        if numbers and share is not None and self.width >= 50:
            drawn = bar(share, mark, BAR)
            most = tr(">999%")
            percent = tr("{share:.0%}", share=share) if share < 9.995 else most
            room = self.width - 4 - BAR - cells(most) - 4
            if cells(numbers) <= room:
                yield f"    {numbers}{' ' * max(room - cells(numbers), 0)}  {self.paint(drawn, STYLES[verdict.outcome])}  {percent}"
            else:
                yield from wrap(numbers, self.width, "    ")
                yield f"    {self.paint(drawn, STYLES[verdict.outcome])}  {percent}"
        elif numbers:
            yield from wrap(numbers, self.width, "    ")
        yield from self.dim(phrases.when(verdict))
        for reason in verdict.reasons:
            yield from self.reason(reason)
        yield from self.contributions(verdict)
        yield from self.waiver(verdict)
        yield from self.breakdown(verdict)
        yield from self.dim(place(verdict.location))

    def reason(self, reason: str, whose: str = "") -> Iterator[str]:
        """A reason, with the window and segment that it is about where there are several."""
        text = f"{whose}: {apart(reason)}" if whose else apart(reason)
        yield from wrap(text, self.width, "    - ", "      ")

    def contributions(self, verdict: Verdict, whose: str = "") -> Iterator[str]:
        if verdict.drivers is not None:
            from goalkeeper.reporters import contributions  # only where there is something to explain

            for text in contributions.phrases(verdict.drivers, verdict.unit):
                yield from self.reason(text, whose)

    def waiver(self, verdict: Verdict) -> Iterator[str]:
        if verdict.waiver is not None:
            yield from self.reason(verdict.waiver.text)

    def breakdown(self, verdict: Verdict) -> Iterator[str]:
        if not verdict.breakdown:
            return
        by = composed(spoken().conjunction.join(map(apart, verdict.breakdown[0].segment)))
        compared = any(part.baseline is not None for part in verdict.breakdown)
        if not compared:
            text = tr("by {dimensions}, not judged", dimensions=by)
        elif verdict.from_zero:
            text = tr("by {dimensions}, not judged; was: the baseline over as many days", dimensions=by)
        else:
            text = tr("by {dimensions}, not judged; was: the baseline", dimensions=by)
        yield from self.dim(text)
        rows: list[list[str]] = []
        for part in verdict.breakdown:
            show = side_by_side(phrases.floats_of(part.value, part.baseline), verdict.unit)
            rows.append([segment_text(part.segment), phrases.value_text(part.value, show)])
            if compared:
                rows[-1] += [tr("was"), phrases.value_text(part.baseline, show)]
        shown = rows if self.verbose else rows[:SHOWN]
        for row in table(shown, [False, True, False, True][: len(shown[0])], self.width - 6):
            yield "      " + "  ".join(row)
        if len(rows) > len(shown):
            yield from self.dim(tr("and {count} more", count=len(rows) - len(shown)))

    def verdicts(self, rule: RuleResult) -> Iterator[str]:
        """Several verdicts as a table, the worst first."""
        ordered = rule.worst_first
        shown = ordered if self.verbose else ordered[:SHOWN]
        windows = len({v.window for v in rule.verdicts}) > 1
        segments = any(v.segment for v in rule.verdicts)
        rows = [
            [
                SIGNS[verdict.outcome],
                *([apart(phrases.window_of(verdict))] if windows else []),
                *([segment_text(verdict.segment)] if segments else []),
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
            yield from self.dim(others_in_short(rest))
        if rule.streak is not None:
            yield from self.dim(safe(rule.streak.text))
        first = shown[0]
        yield from self.dim(phrases.when(first, windows=windows, whose=segment_text(first.segment)))
        whose = which(rule, first, segment_text)
        for reason in first.reasons:
            yield from self.reason(reason, whose)
        for verdict, cure in cures(first, shown[1:]):
            yield from self.reason(cure, which(rule, verdict, segment_text))
        yield from self.contributions(first, whose)
        yield from self.waiver(first)
        yield from self.dim(place(first.location))


def _about(goal: GoalResult, parent: str | None, *, named: bool) -> Iterator[str]:
    """What a goal says of itself; *named* says that its rule has its name, and its place."""
    if parent:
        yield tr("part of {goal}", goal=parent)
    if goal.why:
        yield apart(goal.why)
    if goal.sign_of_success:
        yield tr("success: {sign}", sign=goal.sign_of_success)
    if goal.owner:
        yield tr("owner: {owner}", owner=goal.owner)
    if goal.rollup != "all":
        yield tr("passes when: {rollup}", rollup=goal.rollup)
    for note in goal.excluded:
        yield phrases.without(note, note.reason)
    if goal.score is not None and goal.weight_covered < 1:
        yield tr("the score rests on {share:.0%} of the weight", share=goal.weight_covered)
    if not named:
        yield " · ".join(filter(None, [apart(goal.id), place(goal.location)]))


def _parents(goals: Sequence[GoalResult]) -> dict[str, str]:
    """The name of the goal that each child counts through."""
    return {rule.child: goal.name for goal in goals for rule in goal.rules if rule.child is not None}
