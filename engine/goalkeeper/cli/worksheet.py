"""The planning worksheet as a conversation: questions in plain words, a goal file at the end."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec.structs import replace

from goalkeeper import arguments
from goalkeeper.calendar import GREGORIAN, Unit
from goalkeeper.cli.asking import Asking, in_words, needed
from goalkeeper.cli.render import note, say_written
from goalkeeper.exits import EXIT_USAGE
from goalkeeper.languages import tr
from goalkeeper.lint.goals import MOST_GOALS, MOST_RULES
from goalkeeper.problems import errors
from goalkeeper.report import FUNNEL
from goalkeeper.said import Said, all_of, enumerated, say
from goalkeeper.starter import DAYS, data_in, schema_in, write_new
from goalkeeper.worksheet.answers import in_words as way_in_words
from goalkeeper.worksheet.answers import (
    listed,
    read_currency,
    read_day,
    read_hours,
    read_names,
    read_owner,
    read_period,
    read_stage,
    read_start,
)
from goalkeeper.worksheet.desk import TOPICS, Desk, remark
from goalkeeper.worksheet.look import CHANNELS, LISTED, Look, beside, look, seen_from_here
from goalkeeper.worksheet.sheet import Entry, Fault, Numbers, Sheet, text_of

STARTER = "data/ads.csv"
_KINDS: Mapping[str, str] = {
    say("rise"): "increase",
    say("fall"): "decrease",
    say("come to a level"): "reach",
    say("stay inside a bound"): "keep",
}
_STAGES = {
    "awareness": say("awareness"),
    "consideration": say("consideration"),
    "inquiry": say("inquiry"),
    "conversion": say("conversion"),
    "retention": say("retention"),
    "loyalty": say("loyalty"),
}


def fill_in(folder: Path) -> None:
    """Ask the questions of the worksheet, and write the goal file that the answers make into *folder*."""
    place = folder / "goals.yaml"
    if place.exists():
        say_written([], [place])
    asking = Asking()
    try:
        with ExitStack() as stack:
            _Worksheet(folder, asking, stack).fill_in()
    except (click.Abort, KeyboardInterrupt) as stop:
        asking.line()
        if asking.typing or not isinstance(stop.__context__, EOFError):
            asking.say(tr("Nothing was written."))
            raise click.Abort from None
        asking.say(tr("The answers end before the last question; nothing was written."))
        raise SystemExit(EXIT_USAGE) from None


class _Worksheet:
    """One worksheet while it is filled in."""

    def __init__(self, folder: Path, asking: Asking, stack: ExitStack) -> None:
        self.folder = folder
        self.asking = asking
        self.stack = stack
        self.made_up = False
        self.owner = ""

    def fill_in(self) -> None:
        self.asking.say(
            tr("The planning worksheet: up to {most} main goals, each with one or two measures.", most=MOST_GOALS)
        )
        self.asking.say(tr("Enter takes what stands in [brackets]. Ctrl-C stops, and leaves nothing behind."))
        self.asking.title(tr("The numbers"))
        self.numbers()
        self.asking.title(tr("You and your audience"))
        self.context()
        for number in range(1, MOST_GOALS + 1):
            self.asking.title(tr("Goal {number}", number=number))
            if not self.goal(first=number == 1):
                break
        self.asking.title(tr("The agreement"))
        self.declare()
        self.asking.title(tr("The goal file"))
        self.write()

    # the numbers

    def numbers(self) -> None:
        """Ask for the data file, until there is one that reads."""
        self.asking.ask(
            tr(
                "Where are your numbers? A file with a row for each day: CSV, TSV, JSON or Parquet. Enter takes made-up "
                "numbers of a small shop, to try the worksheet."
            ),
            self.open,
            example="exports/instagram.csv",
        )
        numbers = self.sheet.numbers
        grain = Unit(numbers.grain)
        self.asking.say(
            tr("It has the days in '{column}', and a row for each {grain}.", column=numbers.time, grain=grain)
        )
        if numbers.money:
            self.currency(numbers)
        offered, others = self.desk.offered(self.sheet)
        told = enumerated(
            say("{name} ({formula})", name=name, formula=formula) if formula else name
            for name, formula in offered.items()
        )
        self.asking.say(tr("Goals can be about: {names}.", names=told))
        for other in (*others, *self.seen.odd):
            self.asking.say(tr("Not as it is: {why}.", why=other))

    def open(self, answer: str) -> None:
        self.made_up = not answer
        if answer:
            self.settle(look(seen_from_here(answer, self.folder), Path()), Path())
            return
        if (taken := self.folder / STARTER).exists():
            raise Fault(say("{path} is already there: name it, if those are your numbers", path=taken.as_posix()))
        room = Path(self.stack.enter_context(TemporaryDirectory()))
        write_new(data_in(room))
        self.settle(look(STARTER, room), room)

    def settle(self, seen: Look, folder: Path) -> None:
        """Ask what the file does not tell: which days count, how they are read, what tells rows apart."""
        days = list(seen.days)
        time = (
            days[0]
            if len(days) == 1
            else self.asking.one_of(tr("Which column says the day that counts?"), days, default=days[0])
        )
        ways = seen.days[time]
        form = ways[0]
        if len(ways) > 1:
            texts = {way_in_words(way or ""): way for way in ways}
            question = tr("How is '{text}' to be read?", text=seen.values[time][0])
            form = texts[self.asking.one_of(question, list(texts))]
        dimensions = seen.groups
        if dimensions and not self.made_up:
            dimensions = self.asking.ask(
                tr(
                    "By which columns are rows told apart: platform, campaign, country? "
                    "Several with commas between them."
                ),
                lambda answer: read_names(answer, seen.groups),
                default=", ".join(dimensions),
            )
        self.seen = seen
        self.sheet = Sheet(seen.as_numbers(time, form, dimensions), use=TOPICS)
        self.desk = Desk.over(self.sheet, folder / "goals.yaml")
        self.desk.offered(self.sheet)

    def currency(self, numbers: Numbers) -> None:
        """Ask what money is counted in."""
        currency = self.asking.ask(
            tr("In which currency is {columns}? Enter leaves it out.", columns=all_of(numbers.money)),
            read_currency,
            example=tr("EUR, or toman"),
        )
        self.sheet = replace(self.sheet, numbers=replace(numbers, currency=currency or None))

    # the goals

    def context(self) -> None:
        """Ask who is to be reached, and how much time there is."""
        audience = self.asking.ask(
            tr("Who is to be reached? Enter leaves it out."),
            str,
            example=tr("shop owners in Tehran, 25 to 40 years old"),
        )
        message = self.asking.ask(
            tr("What do they know of you, and what would they like to hear? Enter leaves it out."),
            str,
            example=tr("they know the shop, not the courses; they like tutorials"),
        )
        hours = self.asking.ask(
            tr("How many hours a week are there for this? Enter leaves it out."),
            read_hours,
            example=tr("{count}", count=12),
        )
        experience = self.asking.ask(
            tr("What experience is there with each channel? Enter leaves it out."),
            str,
            example=tr("Instagram for two years, LinkedIn is new"),
        )
        self.sheet = replace(self.sheet, audience=audience, message=message, hours=hours, experience=experience)

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
        stages = {in_words(_STAGES.get(stage, stage)): stage for stage in FUNNEL}
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
        return str(GREGORIAN.shift(_today().replace(day=1), 1))

    # the file

    def declare(self) -> None:
        """Ask for the day of the agreement: targets that are set afterwards prove little."""
        default = str(date(DAYS[1].year, 3, 20) if self.made_up else _today())
        declared = self.asking.ask(tr("On which day was this agreed?"), read_day, default=default)
        self.sheet = replace(self.sheet, declared=declared)

    def write(self) -> None:
        """Show what was answered, and write it."""
        sheet = self.desk.finished(self.sheet)
        numbers = sheet.numbers
        data = numbers.path if self.made_up else beside(numbers.path, self.folder)
        text = text_of(replace(sheet, numbers=replace(numbers, path=data)))
        for line in text.splitlines():
            self.asking.line(line)
        for advice in self.desk.advice(sheet):
            self.asking.line()
            self.asking.say(tr("To think about: {advice}", advice=advice))
        place = self.folder / "goals.yaml"
        if not self.asking.yes(tr("Write {path}?", path=place.as_posix())):
            self.asking.say(tr("Nothing was written."))
            return
        schema = {path: text for path, text in schema_in(self.folder).items() if not path.exists()}
        written, kept = write_new({place: text, **schema, **(data_in(self.folder) if self.made_up else {})})
        say_written(written, kept)
        as_of = f" --as-of {DAYS[1].year}-06-15" if self.made_up else ""
        click.echo()
        note(tr("Now run: {command}", command=f"goalkeeper check {place.as_posix()}"), err=False)
        note(tr("and:     {command}", command=f"goalkeeper score {place.as_posix()}{as_of}"), err=False)


def _today() -> date:
    return arguments.day(None, "UTC")


__all__ = ["fill_in"]
