"""Names that mean something to what shows them, in every output: each stays in its place, in sight and without effect.

The strongest thing that is held is that nothing changes: with a hostile name everywhere, a terminal, a page, a parser or
a runner finds the structure that it finds with a harmless one (`sinks`).
"""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from msgspec.structs import replace

import sinks
from goalkeeper import documents
from goalkeeper.cli import main
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.columns import Missing, Why
from goalkeeper.diff.changes import Change, Difference, Effect, Turn
from goalkeeper.languages import speaking
from goalkeeper.problems import Problem, Related, Span
from goalkeeper.reporters import diff, diff_json, diff_markdown, github, gitlab, outputs, step_summary
from goalkeeper.reporters import problems as problem_texts
from goalkeeper.reporters.inert import quiet
from goalkeeper.scorecard import Input, LeftOut, ReadNote, Scorecard
from goalkeeper.verdict import Breakdown, ExcludedNote, Outcome, State, WaiverNote
from scorecards import NUMBERS, RICH, UNSAFE, card, goal, rule, verdict
from test_html import swapped

NAMES = yaml.safe_load((Path(__file__).parent / "cases" / "hostile" / "names.yaml").read_text(encoding="utf-8"))
HARMLESS = "plain words"
WIDE = 2_000
LANGUAGES = ("en", "fa")


def everywhere(text: str) -> Scorecard:
    """A scorecard that has *text* wherever one can be from a goal file, a data file, or the name of a file."""
    place, blank = Span(text, 7, 1, 4, f"  {text}"), Missing(Why.NO_DATA, text)
    waived = WaiverNote(text, text, date(2026, 5, 15), text)
    told: dict[str, Any] = {"segment": {text: text}, "reasons": (text, f"a {text}"), "location": place, "kpi": text}
    own = goal(
        text,
        Outcome.FAIL,
        rule(
            verdict(
                text, State.MISSED, **NUMBERS, **told, breakdown=(Breakdown({text: text}, blank, None),), unit=text
            ),
            verdict(text, State.NO_DATA, **told, value=blank, window_name=text),
            idle=({text: text},),
        ),
        rule(verdict(f"{text} ", State.MISSED, **NUMBERS, **told, outcome=Outcome.WAIVED, waiver=waived)),
        id=f"own-{text}",
        why=text,
        owner=text,
        sign_of_success=text,
        stage=text,
        rollup=text,
        excluded=(ExcludedNote(date(2026, 4, 10), date(2026, 4, 12), text),),
        location=place,
    )
    rich = swapped(RICH, UNSAFE, text)
    return replace(
        rich,
        goals=(own, rich.goals[1]),  # the other one has what contributed to a change
        gate=text,
        dropped=(LeftOut(text, text, 5, text, (34,)),),
        notes=(ReadNote(text, text, text),),
        inputs=(Input(text, text, "0" * 64, 1234),),
        problems=(problem(text),),
    )


def problem(text: str) -> Problem:
    return Problem("GK214", text, Span(text, 41, 3, 4, f"  {text}"), text, related=(Related(text, Span(text, 1, 1)),))


def difference(text: str) -> Difference:
    changes = tuple(
        Change(effect, what, text, text, old, text, f"read by {text}", Span(text, 3, 1))
        for effect in Effect
        for what, old in (("target", text), (f"kpis: {text}", text), ("goal", None))
    )
    turns = (Turn(text, text, Outcome.PASS, Outcome.FAIL), Turn(text, None, None, Outcome.FAIL))
    return Difference(text, text, changes, date(2026, 6, 1), turns)


def format_of(form: str, language: str = "en", **look: Any) -> Callable[[str], str]:
    return lambda text: outputs.render(everywhere(text), form, language, **look)


def spoken(language: str, render: Callable[[str], str]) -> Callable[[str], str]:
    def told(text: str) -> str:
        with speaking(language):
            return render(text)

    return told


def logged(render: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: quiet(render(text))


def _outputs() -> dict[str, tuple[sinks.Judge, Callable[[str], str]]]:
    """Every output that is made of a scorecard, of problems or of a difference, with what shows it."""
    found: dict[str, tuple[sinks.Judge, Callable[[str], str]]] = {
        "json": (sinks.Json(), format_of("json")),
        "csv": (sinks.Spreadsheet(), format_of("csv")),
        "junit": (sinks.Xml(), format_of("junit")),
        "sarif": (sinks.Sarif(), format_of("sarif")),
        "github": (sinks.Commands(), format_of("github")),
        "gitlab": (sinks.Json(), format_of("gitlab")),
        "problems, github": (sinks.Commands(), lambda text: github.render_problems([problem(text)])),
        "problems, gitlab": (sinks.Json(), lambda text: gitlab.render_problems([problem(text)])),
        "diff, json": (sinks.Json(), lambda text: diff_json.render(difference(text))),
    }
    for language in LANGUAGES:
        terminal = sinks.Terminal(right_to_left=language == "fa")

        def say(what: str, judge: Any, render: Callable[[str], str], language: str = language) -> None:
            found[f"{what}, {language}"] = judge, spoken(language, render)

        say("terminal", terminal, format_of("terminal", language, width=WIDE, color=True, verbose=True))
        narrow = format_of("terminal", language, width=60, color=False, verbose=True)
        say("log", sinks.Log(terminal), logged(narrow))
        say("markdown", sinks.Markdown(), format_of("markdown", language, limit=step_summary.ROOM))
        say("problems", terminal, lambda text: problem_texts.render([problem(text)], color=True))
        say("problems, log", sinks.Log(terminal), logged(lambda text: problem_texts.render([problem(text)])))
        say("problems, summary", sinks.Markdown(), lambda text: step_summary.render_problems([problem(text)]))
        say("diff", terminal, lambda text: diff.render(difference(text), width=WIDE, color=True))
        say("diff, markdown", sinks.Markdown(), lambda text: diff_markdown.render(difference(text)))
    return found


OUTPUTS = _outputs()
PARTED = {
    "csv",
    *(name for name in OUTPUTS if "github" in name or name.startswith(("problems, log", "problems, summary"))),
}
"""Where there is no escape for what the runner of GitHub takes for a command: its signs are parted."""
NARROW = [name for name in OUTPUTS if name.startswith("log")]
"""Where lines break inside of names: neither their number nor the whole of a name is held."""


@cache
def harmless(output: str) -> Any:
    judge, render = OUTPUTS[output]
    return judge.structure(render(HARMLESS))


def faults(output: str, attack: str) -> list[str]:
    """What is wrong with an output that has the text of an attack everywhere."""
    judge, render = OUTPUTS[output]
    told = NAMES[attack]
    text = render(told["text"])
    found = judge.faults(text)
    if output in NARROW:
        return found
    found += difference_of(harmless(output), judge.structure(text))
    return found + ([] if seen(output, told) in judge.said(text) else [f"it is not told as {seen(output, told)!r}"])


def seen(output: str, told: dict[str, str]) -> str:
    """What an output must show of an attack, as `sinks.words` writes it."""
    if output in {"json", "diff, json"}:
        return sinks.words(told["text"])
    shown = told.get("seen", told["text"])
    if output == "csv":
        shown = told.get("cell", shown)
    return sinks.words(shown.replace("##[", "# #[") if output in PARTED else shown)


def difference_of(one: Any, other: Any) -> list[str]:
    if one == other:
        return []
    if isinstance(one, list) and isinstance(other, list):
        at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        return [f"another structure from {at} on: {one[at : at + 3]} is {other[at : at + 3]}"]
    return [f"another structure: {one} is {other}"]


@pytest.mark.parametrize("attack", NAMES)
def test_a_name_stays_in_its_place(attack: str) -> None:
    wrong = {output: found[:3] for output in OUTPUTS if (found := faults(output, attack))}
    assert not wrong, "\n".join(f"{output}: {fault}" for output, found in wrong.items() for fault in found)


@pytest.mark.parametrize("attack", NAMES)
def test_a_line_of_a_log_is_no_command(attack: str) -> None:
    """Whatever stands before it on its line: here nothing does."""
    told = NAMES[attack]
    shown = told.get("seen", told["text"])
    assert quiet(shown) == told.get("log", shown)
    assert sinks.commands(quiet(shown)) == []


def together(cards: Sequence[Scorecard]) -> Scorecard:
    """One scorecard of all, with the first goal of each."""
    cards = [replace(one, goals=one.goals[:1]) for one in cards]
    lists = ("goals", "sections", "diagnoses", "dropped", "notes", "inputs", "problems")
    return replace(
        cards[0], gate="all", **{part: tuple(x for one in cards for x in getattr(one, part)) for part in lists}
    )


def page(language: str, texts: Sequence[str]) -> str:
    return outputs.render(together(list(map(everywhere, texts))), "html", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_stays_in_its_place_of_a_page(language: str) -> None:
    """One page with all attacks: it takes half a second to begin one, however long it is."""
    judge, texts = sinks.Html(), [told["text"] for told in NAMES.values()]
    text = page(language, texts)
    assert judge.faults(text) == []
    said = judge.said(text)
    assert [name for name, told in NAMES.items() if sinks.words(told.get("seen", told["text"])) not in said] == []
    if language == "en":
        assert (
            difference_of(
                judge.structure(page(language, [f"{HARMLESS} {n}" for n in range(len(texts))])), judge.structure(text)
            )
            == []
        )
    else:  # what compares is fenced there, and names have the direction of their letters
        known = judge.structure(page(language, [HARMLESS, "a < b", "a = b", "فروش", "فروش < 3"]))
        assert set(judge.structure(text)) - set(known) == set()


# what commands print, of names that come in with data, goal files and the names of files


FILE = "a ##[error]x ::y \x1b]0;z\x07\u202e\x9b31m.csv" if os.name != "nt" else "a.csv"
"""The name of a data file."""
HEADERS = (
    "=1+1",
    "##[error]x",
    "::error::y",
    "<b>z</b>",
    "[a](http://b)",
    "a\x1b[2Jb",
    "c\u202ed",
    "[/bold]",
    "a\x9bb",
)
TYPED = "::\x1b]0;a\x07\u202e\x9b##[error]a [/bold]\u2028"
"""What somebody typed."""
ENVIRONMENT = {"GITHUB_ACTIONS": "true", "FORCE_COLOR": "1"}
"""Where text is coloured, and its lines can be commands."""
AS_OF = ("--as-of", "2026-05-01")
JUDGES: dict[str, sinks.Judge] = {
    "json": sinks.Json(),
    "csv": sinks.Spreadsheet(),
    "junit": sinks.Xml(),
    "sarif": sinks.Sarif(),
    "github": sinks.Commands(),
    "gitlab": sinks.Json(),
    "html": sinks.Html(),
    "markdown": sinks.Markdown(),
    "lines": sinks.JsonLines(),
}
LOGS = {language: sinks.Log(sinks.Terminal(right_to_left=language == "fa")) for language in LANGUAGES}
ON_TERMINALS: dict[str, tuple[int, Sequence[str]]] = {
    "score": (1, ("score", "goals.yaml", *AS_OF, "--verbose", "--no-annotations", "--by", "campaign")),
    "check": (0, ("check", "goals.yaml", "--data", *AS_OF)),
    "explain": (0, ("explain", "Cheap", "goals.yaml", *AS_OF)),
    "explain a goal": (0, ("explain", "g1", "goals.yaml", *AS_OF)),
    "backtest": (0, ("backtest", "goals.yaml", "--from", "2026-04-29", "--to", "2026-04-30", "--verbose")),
    "diff": (0, ("diff", "before.yaml", "goals.yaml", "--data", *AS_OF)),
    "inspect": (0, ("inspect", FILE)),
    "history": (0, ("history", "--store", "kept")),
    "suggest": (0, ("history", "--store", "kept", "--suggest")),
    "test": (1, ("test", "goals.test.yaml", "--verbose", "--coverage")),
    "no pack": (2, ("packs", TYPED)),
    "no goal file": (2, ("score", TYPED, "--no-annotations")),
    "no goal": (5, ("score", "goals.yaml", "--select", TYPED, *AS_OF, "--no-annotations")),
    "no goal to explain": (2, ("explain", TYPED, "goals.yaml", *AS_OF)),
    "no dimension": (2, ("score", "goals.yaml", "--by", TYPED, *AS_OF, "--no-annotations")),
    "no day": (2, ("score", "goals.yaml", "--as-of", TYPED, "--no-annotations")),
    "no history": (3, ("history", "--store", TYPED)),
    "no goal of the history": (2, ("history", TYPED, "--store", "kept")),
    "no data file": (3, ("inspect", TYPED)),
    "no side": (2, ("diff", TYPED, "goals.yaml")),
    "a goal file that does not read": (2, ("check", "hidden.yaml")),
}
IN_DOCUMENTS: dict[str, tuple[str, Sequence[str]]] = {
    **{form: (form, ("score", "goals.yaml", *AS_OF, "--format", form)) for form in JUDGES if form in outputs.MODULES},
    "a diff in JSON": ("json", ("diff", "before.yaml", "goals.yaml", "--data", *AS_OF, "--format", "json")),
    "a diff in Markdown": ("markdown", ("diff", "before.yaml", "goals.yaml", "--data", *AS_OF, "--format", "markdown")),
    "an inspection": ("json", ("inspect", FILE, "--format", "json")),
    "tests": ("json", ("test", "goals.test.yaml", "--format", "json")),
    "a history": ("json", ("history", "--store", "kept", "--format", "json")),
    "turns": (
        "lines",
        ("score", "turned.yaml", *AS_OF, "--history", "kept", "--notify-on", "turn", "--no-annotations"),
    ),
}


def listed(*, escaped: bool = False) -> list[str]:
    """The attacks that a file may have: in text that can be seen, or any that UTF-8 and CSV can hold."""
    texts = [told["text"] for told in NAMES.values()]
    if escaped:
        return [text for text in texts if not re.search("[\ud800-\udfff\r\0]", text)]
    return [text for text in texts if text.isprintable() and not sinks.unseen(text)]


def goals(share: int) -> dict[str, Any]:
    """A goal file with names of every kind that one may have, in every place."""
    named = list(enumerate(listed()[::6]))
    period = {"period": "2026-04"}
    return {
        "version": 1,
        "sources": {"ads": {"path": "*.csv", "time": "date", "missing": "zero"}},
        "kpis": {"cpa": {"formula": "spend / conversions", "unit": "EUR"}},
        "goals": [
            *(
                {"id": f"g{n}", "name": text, "why": text, "owner": text, "sign_of_success": text, **period}
                | {"exclude_days": [{"from": "2026-04-20", "to": "2026-04-21", "reason": text}]}
                | {"rule": f"reach {share * 150} conversions"}
                for n, text in named
            ),
            {"name": "Cheap", **period, "rule": f"keep cpa below {share} EUR in each campaign"},
        ],
        "waivers": [
            {"goal": f"g{n}", "until": "2026-06-01", "owner": text, "reason": text, "ticket": text}
            for n, text in named[::3]
        ],
        "diagnoses": [{"id": "d", "when": "conversions > 1", "say": named[0][1], "check": named[-1][1]}],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose data has every attack that it can hold, and whose goal files have those that are allowed there."""
    place = tmp_path_factory.mktemp("hostile")
    before = Path.cwd()
    os.chdir(place)
    rows = io.StringIO(newline="")
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(["date", "campaign", "spend", "conversions", *HEADERS])
    for day in ("2026-04-01", "2026-04-30"):
        table.writerows([day, text, 100 + n, 10, *HEADERS] for n, text in enumerate(listed(escaped=True)))
    Path(FILE).write_text(rows.getvalue(), encoding="utf-8", newline="")
    written = {
        "goals.yaml": goals(15),
        "before.yaml": goals(12),
        "turned.yaml": goals(16),
        "goals.test.yaml": goal_tests(),
    }
    for name, told in written.items():
        Path(name).write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    Path("hidden.yaml").write_text(
        "version: 1\ngoals:\n" + "".join(f"  - {{name: {json.dumps(told['text'])}}}\n" for told in NAMES.values()),
        encoding="utf-8",
    )
    for name, day in (("goals.yaml", "2026-04-30"), ("before.yaml", "2026-05-01")):
        assert run("score", name, "--as-of", day, "--history", "kept").exit_code == 1
    yield place
    os.chdir(before)


def goal_tests() -> dict[str, Any]:
    """Tests of the goals, each of which fails."""
    named = {f"t {text}": text for text in listed()[::6]}
    return {
        "version": 1,
        "goals": "goals.yaml",
        "as_of": "2026-05-01",
        "start": "2026-04-01",
        "tests": [
            {"name": name, "series": {"conversions": "1x30", "spend": "1x30"}, "expect": {"goals": {"Cheap": "warn"}}}
            for name in named
        ],
    }


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), env=ENVIRONMENT, color=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ON_TERMINALS)
def test_what_is_printed_does_nothing(name: str, language: str, folder: Path) -> None:
    code, arguments = ON_TERMINALS[name]
    found = run(*arguments, "--lang", language)
    assert found.exit_code == code, found.output
    assert LOGS[language].faults(found.stdout) + LOGS[language].faults(found.stderr) == []
    assert found.stdout or found.stderr


@pytest.mark.parametrize("name", IN_DOCUMENTS)
def test_what_is_written_does_nothing(name: str, folder: Path) -> None:
    form, arguments = IN_DOCUMENTS[name]
    found = run(*arguments)
    assert found.exit_code in {0, 1}, found.stderr
    assert found.stdout
    assert JUDGES[form].faults(found.stdout) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", f"--{TYPED}"),
        (TYPED,),
        ("init", "a", TYPED),
        ("score", "--format", TYPED),
        ("score", "a", "--output", TYPED),
    ],
)
def test_what_is_typed_does_nothing(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(SystemExit) as left:
        main(arguments)
    gc.enable()
    gc.unfreeze()
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert "Error: " in said
    assert LOGS["en"].faults(said) == []


def test_a_fault_of_our_own_shows_what_it_was_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOALKEEPER_TRACEBACK", "1")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr("goalkeeper.api.check", lambda *_, **__: {}[f"\n::error::{TYPED}"])
    with pytest.raises(SystemExit) as left:
        main(["check", "goals.yaml"])
    gc.enable()
    gc.unfreeze()
    assert left.value.code == 70
    assert LOGS["en"].faults(capsys.readouterr().err) == []


@pytest.mark.parametrize("value", [1e308, -1e308, 1e-300, 123456789.123456789, -0.5])
def test_a_number_in_a_spreadsheet_is_a_number(value: float) -> None:
    told = verdict("r", State.MISSED, value=value, target=-value, baseline=value)
    shown = card(Outcome.FAIL, 1, goal("g", Outcome.FAIL, rule(told)))
    rows = list(csv.DictReader(io.StringIO(outputs.render(shown, "csv"), newline="")))
    for column, number in {"value": value, "target": -value, "baseline": value}.items():
        assert sinks.Spreadsheet.NUMBER.fullmatch(rows[0][column])
        assert float(rows[0][column]) == pytest.approx(number)


@pytest.mark.parametrize("attack", NAMES)
def test_a_goal_file_hides_nothing(attack: str) -> None:
    """What is not seen is refused where it is written and as an escape; all else is a text."""
    text = NAMES[attack]["text"]
    hidden = bool(sinks.unseen(text, "\n\t"))
    _, problems = documents.parse('name: "' + "".join(f"\\U{ord(sign):08X}" for sign in text) + '"\n', "goals.yaml")
    assert any(one.code in {"GK101", "GK103"} for one in problems) == hidden
    if not re.search("[\ud800-\udfff]", text):
        quoted = text.replace("'", "''")
        _, problems = documents.parse(f"name: '{quoted}'\n", "goals.yaml")
        assert any(one.code in {"GK101", "GK103"} for one in problems) or not hidden
