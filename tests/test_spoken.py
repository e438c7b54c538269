"""What people read in another language than English: pages held to files, laws that they keep, and how it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from rich.cells import cell_len

from goalkeeper import api
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.cli.speech import _texts as texts_of
from goalkeeper.languages import ENGLISH, language, speaking, spoken
from goalkeeper.problems import Problem, Related, Severity, Span
from goalkeeper.reporters import layout, outputs, problems, step_summary, terminal
from goalkeeper.reporters.safe import apart, composed, segment_text
from goalkeeper.said import say
from goalkeeper.verdict import Outcome, State
from scorecards import RICH, UNSAFE
from test_cli import commands
from test_reporters import REPORTS, STORIES

OPENS, CLOSES = "\u2066\u2067\u2068", "\u2069"
LEFT, RIGHT = "\u200e", "\u200f"
GOALS = "version: 1\n{defaults}goals:\n  - {{name: g, rulez: keep clicks above 1, rule: keep clicks above 1}}\n"
PERSIAN, ENGLISH_SAYS = "خطا[GK110]", "error[GK110]"


def balanced(line: str) -> bool:
    """Whether what is isolated in a line ends in it."""
    depth = 0
    for sign in line:
        depth += (sign in OPENS) - (sign == CLOSES)
        if depth < 0:
            return False
    return depth == 0


# pages


def test_the_terminal_in_persian(golden: Callable[[Path, str], None]) -> None:
    golden(REPORTS / "rich.fa.txt", outputs.render(RICH, "terminal", "fa"))
    golden(REPORTS / "sections.fa.txt", outputs.render(STORIES["sections"], "terminal", "fa"))


def test_markdown_in_persian(golden: Callable[[Path, str], None]) -> None:
    page = outputs.render(RICH, "markdown", "fa")
    assert page.startswith('<div dir="rtl">\n\n## ✗ ')
    assert page.endswith("\n</div>\n")
    assert RIGHT not in page
    golden(REPORTS / "rich.fa.md", page)


def test_problems_in_persian(golden: Callable[[Path, str], None]) -> None:
    line = "    rulez: increase فروش 15%"
    near = say("did you mean '{name}'?", name="rule")
    span = Span("goals/فروش 50%.yaml", 7, 5, 5, line)
    found = [
        Problem("GK110", say("unknown metric or KPI '{name}'", name="فروش\u202e"), span, near),
        Problem("GK104", "a text that nobody has translated", span, related=(Related("first written here", span),)),
        Problem("GK408", "ends", Span("goals.yaml", 120, 3, 4, "  - goal: g"), "agree", Severity.WARNING),
        Problem("GK114", say("no goal file in the folder '{folder}'", folder="goals")),
    ]
    with speaking("fa"):
        text = problems.render(found)
    told = text.splitlines()
    assert f"{LEFT}7 | {line}" in told
    assert f"{LEFT}  |     ^^^^^" in told
    golden(REPORTS / "problems.fa.txt", text)


@pytest.mark.parametrize("story", STORIES)
def test_no_line_in_persian_is_wider_than_the_page_or_moves_another(story: str) -> None:
    for width in (40, 55, 80, 120):
        for line in outputs.render(STORIES[story], "terminal", "fa", width=width, verbose=True).splitlines():
            assert cell_len(line) <= width, line
            assert balanced(line), line
            assert not line or (line[0] == line[-1] == RIGHT), line


def test_colour_adds_nothing_but_colour_in_persian() -> None:
    for story in STORIES.values():
        plain, coloured = (outputs.render(story, "terminal", "fa", color=color) for color in (False, True))
        assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize("story", STORIES)
def test_no_line_of_a_page_leaves_a_text_open(story: str) -> None:
    for line in outputs.render(STORIES[story], "markdown", "fa").splitlines():
        assert balanced(line), line


def test_digits_can_be_those_of_programs() -> None:
    for form in ("terminal", "markdown"):
        page = outputs.render(STORIES["best"], form, "fa", "latin")
        assert re.search("[۰-۹٫٬٪]", page) is None
        assert "61.2" in page


@pytest.mark.parametrize("form", sorted(outputs.MODULES.keys() - {"terminal", "markdown", "html"}))
def test_what_programs_read_is_the_same_in_every_language(form: str) -> None:
    english = outputs.render(RICH, form)
    assert outputs.render(RICH, form, "fa") == english
    with speaking("fa"):
        assert outputs.render(replace(RICH, language="fa"), form) == english


def test_a_scorecard_says_its_language() -> None:
    persian = replace(RICH, language="fa", digits="latin")
    for form in ("terminal", "markdown"):
        assert outputs.render(persian, form) == outputs.render(RICH, form, "fa", "latin")
        assert outputs.render(persian, form, "en") == outputs.render(RICH, form)
    assert step_summary.render(persian).startswith('<div dir="rtl">')
    goals = {"version": 1, "defaults": {"language": "fa", "digits": "latin"}, "goals": []}
    found = api.score(goals, as_of="2026-05-01")
    assert (found.language, found.digits) == ("fa", "latin")


def test_every_state_and_outcome_has_its_words() -> None:
    words = {one.replace("_", " ") for kind in (State, Outcome) for one in kind}
    assert words - language("fa").texts.keys() == set()


def test_a_summary_of_problems_stays_readable() -> None:
    with speaking("fa"):
        text = step_summary.render_problems([Problem("GK110", "m", Span("g.yaml", 1, 1, 1, "x: 1"))])
        assert step_summary.render(RICH, room=300).count("\n") < 10
    head, block = text.split("</div>\n")
    assert head.startswith('<div dir="rtl">')
    assert f"\n{LEFT}1 | x: 1\n" in block  # outside of what is read from right to left


# laying out


def test_what_is_cut_or_wrapped_is_isolated_to_its_end() -> None:
    name = "\u2068Grow \u2066(50%)\u2069 conversions\u2069 and more"
    for width in range(1, 30):
        assert balanced(layout.cut(name, width))
        assert cell_len(layout.cut(name, width)) <= width
    assert list(layout.wrap(name, 12, "- ", "  ")) == [
        "- \u2068Grow \u2066(50%)\u2069\u2069",
        "  \u2068conversion\u2069",
        "  \u2068s\u2069 and more",
    ]


def test_lines_are_marked_once_and_filled_for_a_terminal() -> None:
    assert layout.directed("a\nb") == "a\nb"
    with speaking("fa"):
        once = layout.directed("سلام\n\n\x1b[1mx\x1b[0m")
        assert once == f"{RIGHT}سلام{RIGHT}\n\n{RIGHT}\x1b[1mx\x1b[0m{RIGHT}"
        assert layout.directed(once) == once
        assert layout.filled(once, 6) == f"{RIGHT}سلام  {RIGHT}\n\n{RIGHT}\x1b[1mx\x1b[0m     {RIGHT}"
        assert layout.as_it_is("x: 1") == f"{LEFT}x: 1"
        assert layout.directed(layout.as_it_is("x: 1")) == "x: 1"  # to be copied
        assert layout.pad("۱۲", 4, right=True) == "۱۲  "
    assert layout.pad("12", 4, right=True) == "  12"
    assert layout.as_it_is("x: 1") == layout.filled("x: 1", 9) == "x: 1"


def test_a_text_is_isolated_once() -> None:
    assert apart("a") == "a"
    with speaking("fa"):
        once = apart("a")
        assert once == "\u2068a\u2069"
        assert apart(once) == composed(once) == segment_text({"x": "a"}) == once
        assert apart(composed("\u2068a\u2069 / \u2068b\u2069")) == "\u2067\u2068a\u2069 / \u2068b\u2069\u2069"
        assert apart(UNSAFE).count("\u202e") == 0
        assert apart(say("no number")) == "بدون عدد"


# how it is asked for


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(command, list(arguments))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.chdir(tmp_path)

    def write(defaults: str = "", name: str = "goals.yaml", text: str = GOALS) -> None:
        Path(name).write_text(text.format(defaults=defaults), encoding="utf-8")

    return write


@pytest.mark.parametrize("name", ["check", "score", "ci"])
def test_a_command_speaks_as_it_is_asked(name: str, written: Callable[..., None]) -> None:
    written()
    for found in (run(name), run(name, "--lang", "en", GOALKEEPER_LANG="fa")):
        assert ENGLISH_SAYS in found.output
    for found in (run(name, "--lang", "fa"), run(name, GOALKEEPER_LANG="fa")):
        assert PERSIAN in found.output
        assert spoken() is ENGLISH  # it ends with the command


@pytest.mark.parametrize(
    "defaults",
    [
        "defaults: {language: fa}\n",
        "defaults: {timezone: UTC, 'language': \"fa\"}\n",
        "defaults:\n  timezone: UTC\n\n# fa is Persian\n  language: fa\n",
        "defaults:\n  # language: en\n  language:   fa # Persian\n",
        "defaults:\r\n  timezone: UTC\r\n  language: fa\r\n",
    ],
)
def test_a_command_speaks_as_the_goal_files_say(defaults: str, written: Callable[..., None]) -> None:
    written(defaults)
    assert PERSIAN in run("check").output
    assert ENGLISH_SAYS in run("check", "--lang", "en").output
    written(defaults, "broken.yaml", "version: 1\n{defaults}goals: [\n")
    assert "خطا[GK101]" in run("check", "broken.yaml").output


@pytest.mark.parametrize(
    "defaults", ["", "defaults: {timezone: UTC}\n", "defaults:\n  # language: fa\n  timezone: UTC\n"]
)
def test_what_stands_elsewhere_is_no_language(defaults: str, written: Callable[..., None]) -> None:
    text = "version: 1\n{defaults}kpis:\n  x: {{formula: clicks, label: {{fa: x}}, language: fa}}\n"
    written(defaults, text=text)
    assert ENGLISH_SAYS in run("check").output


def test_json_and_folders_say_it_too(written: Callable[..., None]) -> None:
    Path("goals").mkdir()
    written(name="goals/a.yaml")
    written(name="goals/b.json", text='{{"version": 1, "defaults": {{"language": "fa"}}, "goals": []}}')
    assert PERSIAN in run("check", "goals").output
    written(name="goals/b.json", text='{{\n  "version": 1,\n  "defaults": {{\n    "language": "fa"\n  }}\n}}')
    assert PERSIAN in run("check", "goals").output
    assert "خطا[GK114]" in run("check", "nowhere.yaml", "--lang", "fa").output
    assert list(texts_of([Path("nowhere.yaml"), Path("goals/a.yaml")])) == []


def test_digits_are_asked_for_apart(written: Callable[..., None]) -> None:
    written("defaults: {language: fa, digits: latin}\n")
    assert "2 خطا" in re.sub(f"[{OPENS}{CLOSES}]", "", run("check").output)
    assert "۲" in run("check", "--digits", "own").output
    assert "error" in run("check", "--lang", "en").output


def test_every_command_for_people_can_be_asked() -> None:
    for name, one in commands():
        options = {option for parameter in one.params for option in parameter.opts}
        assert name == "schema" or {"--lang", "--digits"} <= options, name


def test_what_is_wrong_with_arguments_is_said_in_persian(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from goalkeeper.cli import main

    monkeypatch.chdir(tmp_path)

    def said(*arguments: str) -> str:
        with speaking("en"), pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        return re.sub(f"[{OPENS}{CLOSES}{LEFT}{RIGHT}]", "", capsys.readouterr().err)

    assert "خطا: گزینه‌ی --as-of همراه --data می‌آید" in said("check", "--lang", "fa", "--as-of", "2026-01-01")
    assert "خطا در '--output': در «json» نام فایل نیست" in said("score", "--lang", "fa", "--output", "json")
    assert said("score", "--lang", "fa", "--format", "x").startswith("Usage: ")
    assert "Error: name a goal file" in said("score")


def test_a_run_in_persian(written: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    asked = ("score", "examples/quickstart", "--as-of", "2026-06-15")
    found = run(*asked, "--lang", "fa")
    assert "دروازه باز است" in found.stdout
    assert found.exit_code == 0
    assert run(*asked, "--lang", "fa", "--format", "json").stdout == run(*asked, "--format", "json").stdout
    assert run(*asked, "--lang", "fa", "--format", "markdown").stdout.startswith('<div dir="rtl">')
    assert terminal.render(RICH) == outputs.render(RICH, "terminal", "en")
