"""The questions of the worksheet about a goal: its channels, its measures and their days, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import partial

from msgspec.structs import replace

from goalkeeper import arguments
from goalkeeper.calendar import GREGORIAN
from goalkeeper.cli.asking import Asking, in_words, needed
from goalkeeper.languages import tr
from goalkeeper.lint.goals import MOST_RULES
from goalkeeper.problems import errors
from goalkeeper.report import FUNNEL
from goalkeeper.reporters.sections import NAMES
from goalkeeper.said import Said, enumerated, say
from goalkeeper.starter import DAYS
from goalkeeper.worksheet.answers import listed, read_owner, read_period, read_stage, read_start
from goalkeeper.worksheet.desk import Desk, remark
from goalkeeper.worksheet.look import CHANNELS, LISTED, Look
from goalkeeper.worksheet.sheet import Entry, Fault, Sheet

_KINDS: Mapping[str, str] = {
    say("rise"): "increase",
    say("fall"): "decrease",
    say("come to a level"): "reach",
    say("stay inside a bound"): "keep",
}
_STAGES = NAMES["stages"]


class GoalQuestions:
    """The questions about one goal after the other; `sheet` has the answers."""

    def __init__(self, asking: Asking, desk: Desk, seen: Look, sheet: Sheet, *, made_up: bool) -> None:
        """*made_up* numbers have days of their own, which are the ones that are offered."""
        self.asking = asking
        self.desk = desk
        self.seen = seen
        self.sheet = sheet
        self.made_up = made_up
        self.owner = ""

    def goal(self, *, first: bool) -> bool:
        """Ask for one goal; whether there is one."""
        name = self.asking.ask(
            tr(
                "What is the goal, in your own words?"
                if first
                else "What is the goal, in your own words? Enter: no further goal."
            ),
            needed(say("the goal")) if first else str,
            example=tr("More orders from Instagram"),
        )
        if not name:
            return False
        entry = Entry(name)
        entry = replace(
            entry,
            why=self.asking.ask(
                tr("Why does it matter?"), needed(say("why")), example=tr("Orders pay for everything else")
            ),
        )
        entry = self.channels(entry)
        entry = self.measured(entry)
        entry = replace(
            entry,
            sign=self.asking.ask(
                tr("What will be seen when it is reached?"),
                needed(say("the sign of success")),
                example=tr("New customers name Instagram when they are asked how they found us"),
            ),
        )
        stages = {in_words(_STAGES[stage]): stage for stage in FUNNEL}
        known = self.desk.stage(entry, self.sheet)
        stage = self.asking.ask(
            tr("Which stage of the way to a customer is it about? - for none."),
            lambda answer: read_stage(stages.get(answer, answer)),
            choices=list(stages),
            default=in_words(_STAGES.get(known, known)),
        )
        self.owner = self.asking.ask(
            tr("Who answers for it? - for nobody yet."), read_owner, example="growth@example.com", default=self.owner
        )
        self.sheet = self.sheet.adding(replace(entry, stage=stage, owner=self.owner))
        return True

    def channels(self, entry: Entry) -> Entry:
        """Ask for the channels of a goal: those that the data tells apart, or in the author's words."""
        numbers = self.sheet.numbers
        names = [name for name in numbers.dimensions if name.casefold() in CHANNELS]
        if not names:
            text = self.asking.ask(
                tr("On which channels? Enter leaves it out."), str, example=tr("Instagram and the newsletter")
            )
            return replace(entry, channels=text)
        dimension = names[0]
        known = self.seen.values[numbers.columns.get(dimension, dimension)]

        def read(answer: str) -> tuple[str, ...]:
            return self.desk.values(dimension, listed(answer), known)

        question = tr(
            "On which channels? '{dimension}' has {values}, .... Enter takes all of them."
            if len(known) > LISTED
            else "On which channels? '{dimension}' has {values}. Enter takes all of them.",
            dimension=dimension,
            values=enumerated(known[:LISTED]),
        )
        values = self.asking.ask(question, read)
        return replace(entry, where=(dimension, values) if values else None)

    def measured(self, entry: Entry) -> Entry:
        """Ask how a goal is measured, and over which days, until both go together."""
        while True:
            found = self.measures(entry)
            found = self.days(found)
            wrong = errors(self.desk.problems(found, self.sheet))
            if not wrong:
                self.asking.say(tr("It is {days}.", days=self.desk.days(found, self.sheet)))
                return found
            for problem in wrong:
                self.asking.say(remark(problem), "  ")
            self.asking.say(tr("The measure and its days do not go together: once more, please."))

    def measures(self, entry: Entry) -> Entry:
        """Ask for one or two measures."""
        offered = list(self.desk.offered(self.sheet)[0])
        for number in range(1, MOST_RULES + 1):
            question = tr(
                "How is it measured? Write it as a rule, or type ? to be asked part by part."
                if number == 1
                else "A second measure? Enter: one is enough. ? asks part by part."
            )
            example = (
                tr("increase {number} by 15% in 3 months", number=offered[0])
                if number == 1
                else tr("reach 10,000 {number}", number=offered[min(1, len(offered) - 1)])
            )
            measured = self.asking.ask(question, partial(self.measure, entry=entry), example=example)
            if measured is entry:
                break
            entry = measured
        return entry

    def measure(self, answer: str, entry: Entry) -> Entry:
        """The goal with the measure that is typed or asked for; as it is when one is enough."""
        if not answer:
            if not entry.rules:
                raise Fault(
                    say("how it is measured is one of the four columns of the worksheet"), say("? asks part by part")
                )
            return entry
        if answer == "?":
            answer = self.step_by_step(entry)
            self.asking.say(tr("That is the rule: {rule}", rule=answer))
        found = self.desk.measure(answer, entry, self.sheet)
        for said in found.remarks:
            self.asking.say(said, "  ")
        return replace(entry, rules=(*entry.rules, found.rule), period=found.period)

    def step_by_step(self, entry: Entry) -> str:
        """A rule, asked for part by part; each part is tried as soon as it is there."""
        offered, _ = self.desk.offered(self.sheet)
        kpi = self.asking.ask(
            tr("Which number?"), lambda answer: self.desk.name_of(answer, self.sheet), choices=list(offered)
        )
        verb = _KINDS[self.asking.one_of(tr("What is '{kpi}' to do?", kpi=kpi), list(_KINDS))]

        def tried(rule: Said) -> str:
            return self.read(rule, entry)

        def asked(amount: str) -> Said:
            if verb == "decrease":
                return say("decrease {kpi} {amount}", kpi=kpi, amount=amount)
            return say("increase {kpi} {amount}", kpi=kpi, amount=amount)

        match verb:
            case "reach":
                return self.asking.ask(
                    tr("Which level?"),
                    lambda a: tried(say("reach {kpi} of {level}", kpi=kpi, level=a)),
                    example=tr("{count:,}", count=10_000),
                )
            case "keep":
                example = tr("below 12 EUR, at least 2%, or between 2% and 4%")
                return self.asking.ask(
                    tr("Inside which bound?"),
                    lambda a: tried(say("keep {kpi} {bound}", kpi=kpi, bound=a)),
                    example=example,
                )
            case _:
                amount, rule = self.asking.ask(
                    tr("By how much, or from what to what?"),
                    lambda a: (a, tried(asked(a))),
                    example=tr("15%, or 200, or 2 points, or to 11,500, or from 10,000 to 11,500"),
                )
                if self.desk.says(rule, self.sheet)[verb].startswith("from "):
                    return rule
                return self.asking.ask(
                    tr("Compared with what? Enter: the same length of time right before."),
                    lambda a: tried(say("{rule} versus {baseline}", rule=asked(amount), baseline=a)) if a else rule,
                    example=tr("same period last year, or 2026-Q1"),
                )

    def read(self, rule: Said, entry: Entry) -> str:
        """A rule that can be judged over the data: as it is said in the language that is spoken, else in English.

        Raises:
            Fault: when it cannot.
        """
        own, english = in_words(rule), "".join(rule)
        try:
            self.desk.measure(own, entry, self.sheet)
        except Fault as fault:
            with suppress(Fault):
                self.desk.measure(english, entry, self.sheet)
                return english
            raise fault from None
        return own

    def days(self, entry: Entry) -> Entry:
        """Ask until when a goal runs, and from when, as far as its measures do not say."""
        if entry.period is None:
            standing = all("keep" in self.desk.says(rule, self.sheet) for rule in entry.rules)
            period = self.asking.ask(
                tr(
                    "How long, or until when? Enter: for as long as the file says so."
                    if standing
                    else "How long, or until when?"
                ),
                lambda answer: None if standing and not answer else read_period(answer),
                example=tr("3 months, or 2026-06-30, or 2026-Q2"),
            )
            entry = replace(entry, period=period)
        if not isinstance(entry.period, Mapping):
            return entry
        end = entry.period.get("end")
        start = self.asking.ask(
            tr("From which day on?"),
            lambda answer: read_start(answer, end),
            example=tr("2026-04-01, or 1405-01-01"),
            default=self.next_start(),
        )
        return replace(entry, period={"start": start, **entry.period})

    def next_start(self) -> str:
        """The first day of the next month; for the made-up numbers one inside of them."""
        if self.made_up:
            return str(date(DAYS[1].year, 4, 1))
        return str(GREGORIAN.shift(arguments.day(None, "UTC").replace(day=1), 1))
