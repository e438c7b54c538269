"""The scorecard as a page: what it holds, that nothing breaks out of it, and how it behaves in a browser.

The browser is Chromium, driven by playwright (`pip install -e ".[dev,browser]"`); the check of accessibility is
axe-core, whose `axe.min.js` the variable AXE_CORE names. Without them these tests are skipped, unless the variable
BROWSER_TESTS says `required`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

import goalkeeper
from goalkeeper.columns import Missing
from goalkeeper.limits import PAGE_ROWS
from goalkeeper.reporters import html
from goalkeeper.reporters import json as json_reporter
from goalkeeper.reporters.html import bullets, trends
from goalkeeper.reporters.outcomes import HEADLINES
from goalkeeper.reporters.safe import safe
from goalkeeper.scorecard import Scorecard
from goalkeeper.verdict import Bounds, Outcome, State, Trend, TrendPoint
from test_reporters import EXAMPLES, HOSTILE, NUMBERS, STORIES, card, goal, rule, verdict

DAYS = {"quickstart": "2026-06-15", "company": "2026-05-20", "agency": "2026-05-20"}
MANY = 5_000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = os.environ.get("AXE_CORE")


class Page(HTMLParser):
    """The tags of a page in their order, what is read of it, and its attributes."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def example(name: str) -> Scorecard:
    return goalkeeper.score(EXAMPLES / name, as_of=DAYS[name], trends=True)


@pytest.fixture(scope="module")
def examples() -> dict[str, Scorecard]:
    return {name: example(name) for name in DAYS}


def many(count: int = MANY) -> Scorecard:
    """A rule with so many segments, one in nine of them breached, in an order that is not that of their names."""
    verdicts = [
        verdict(
            "keep cpa below 12 EUR in each campaign",
            State.BREACHED if n % 9 == 0 else State.HOLDING,
            kind="keep",
            segment={"campaign": f"campaign-{n * 7 % count:04}"},
            value=12 + n / 100 if n % 9 == 0 else 6 + n / 1000,
            target=12.0,
            bounds=Bounds(high=12.0),
            progress=0.0 if n % 9 == 0 else 1.0,
            unit="EUR",
            reasons=(f"reason {n}",),
        )
        for n in range(count)
    ]
    return card(Outcome.FAIL, 1, goal("Cheap everywhere", Outcome.FAIL, rule(*verdicts)))


def swapped(value: Any, old: str, new: str) -> Any:
    """*value* with another text wherever it has *old*."""
    match value:
        case str():
            return new if value == old else value
        case tuple():
            return tuple(swapped(one, old, new) for one in value)
        case dict():
            return {swapped(key, old, new): swapped(one, old, new) for key, one in value.items()}
        case Struct():
            fields = {name: swapped(getattr(value, name), old, new) for name in value.__struct_fields__}
            return type(value)(**fields)
        case _:
            return value


@pytest.mark.parametrize("name", list(STORIES))
def test_a_page_is_whole_and_says_the_outcome_in_words(name: str) -> None:
    page = Page(html.render(STORIES[name]))
    for one in STORIES[name].goals:
        assert HEADLINES[one.outcome] in page.text
        assert safe(one.name).split()[0] in page.text


@pytest.mark.parametrize("name", [name for name, told in STORIES.items() if swapped(told, HOSTILE, "") != told])
def test_no_text_becomes_markup(name: str) -> None:
    hostile, plain = (Page(html.render(swapped(STORIES[name], HOSTILE, text))) for text in (HOSTILE, "plain words"))
    assert hostile.tags == plain.tags
    names = [(tag, attribute) for tag, attribute, _ in hostile.attributes]
    assert names == [(tag, attribute) for tag, attribute, _ in plain.attributes]


def test_no_character_stays_that_is_not_seen() -> None:
    for story in STORIES.values():
        unseen = re.findall(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html.render(story)
        )
        assert not unseen


@pytest.mark.parametrize(
    "text",
    ["</script><script>x()</script>", '" onload="x()', "'><img src=x>", "</noscript>{{ 7*7 }}", "javascript:x()"],
)
def test_names_from_data_cannot_break_out(text: str) -> None:
    told = replace(many(60).goals[0].rules[0].verdicts[0], segment={text: text}, reasons=(text,), rule=text)
    plain = replace(told, segment={"a": "a"}, reasons=("a",), rule="a")

    def pages(one: Any) -> Page:
        shown = [rule(*[one] * 60), rule(one, idle=({text: text},) if one is told else ({"a": "a"},))]
        return Page(html.render(card(Outcome.FAIL, 1, goal("a", Outcome.FAIL, *shown, id="a"))))

    assert pages(told).tags == pages(plain).tags
    assert not [
        value
        for _, name, value in pages(told).attributes
        if name in {"href", "src"} and not value.startswith(("#", "data:image/svg"))
    ]


def test_nothing_is_loaded_and_only_what_is_shipped_runs(examples: dict[str, Scorecard]) -> None:
    text = html.render(examples["agency"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    rules = policy[1].replace("&#39;", "'").split("; ")
    assert rules[0] == "default-src 'none'"
    for tag, rule_ in (("style", rules[1]), ("script", rules[2])):
        [inner] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode() in rule_
    page = Page(text)
    assert "unsafe" not in policy[1]
    assert {name for _, name, _ in page.attributes if name.startswith("on") or name == "style"} == set()
    outside = {value for _, name, value in page.attributes if name in {"src", "href", "action", "srcset"}}
    assert all(value.startswith(("#", "data:")) for value in outside)
    assert set(re.findall(r"url\(([^)]*)\)|@import", text)) == {"#hatch"}


def test_a_page_is_the_same_for_the_same_scorecard(examples: dict[str, Scorecard]) -> None:
    assert html.render(examples["company"]) == html.render(example("company"))


@pytest.mark.parametrize("name", [*DAYS, *STORIES])
def test_all_that_json_says_is_found_on_the_page(name: str, examples: dict[str, Scorecard]) -> None:
    """Every text, and every day; numbers are rounded on the page, and are held by their own tests."""
    shown = examples[name] if name in examples else STORIES[name]
    page = Page(html.render(shown))
    everything = " ".join([page.text, *(value for _, _, value in page.attributes)])
    known = {"keep", "change", "reach", "child", "lift", "points", "flow", "count"}
    codes = {*map(str, Outcome), *map(str, State)}
    for text in texts(json.loads(json_reporter.render(shown))):
        if text.startswith("goal: "):  # a rule about a goal has the name of that goal
            continue
        if text not in known | codes and not re.fullmatch(r"[a-z_]*", text):
            assert " ".join(safe(text).split()) in everything, text


def texts(value: Any, key: str = "") -> Iterator[str]:
    match value:
        case str() if key not in {"id", "kind", "when"}:
            yield value
        case list():
            for one in value:
                yield from texts(one, key)
        case dict():
            for inner, one in value.items():
                yield from texts(one, inner)


def test_numbers_read_as_in_the_terminal_and_exactly_behind() -> None:
    page = Page(html.render(STORIES["best"])).text
    for text in ("so far320", "target920", "expected by now306.67", "projected960", "baseline800", "9.25 EUR", "1.043"):
        assert text in page


def test_a_missing_number_is_said_with_its_reason() -> None:
    page = Page(html.render(STORIES["missing"])).text
    assert "no number: too old" in page
    assert page.count("no number") >= 3


def test_every_segment_is_there_without_scripts() -> None:
    text = html.render(many(1000))
    page = Page(text)
    assert all(f"campaign-{n:04}" in page.text for n in range(1000))
    assert page.tags.count("noscript") == 1
    before, after = text.split("<noscript>")
    assert before.count("<tr data-outcome") == PAGE_ROWS
    assert after.count("<tr data-outcome") == 1000 - PAGE_ROWS


def test_bars_stand_where_the_numbers_are() -> None:
    told = bullets.bullet(verdict("r", State.OFF_TRACK, **NUMBERS, expected=306.67, projection=840.0))
    assert told is not None
    places = {mark.kind: mark.x for mark in told.marks}
    whole = places["target"] / 920
    assert told.bar.x == 0
    for kind, number in (("baseline", 800), ("expected", 306.67), ("projection", 840)):
        assert places[kind] == pytest.approx(whole * number, abs=0.02)
    assert told.bar.width == pytest.approx(whole * 280, abs=0.02)


def test_a_warn_band_ends_at_the_bound() -> None:
    told = bullets.bullet(
        verdict(
            "r", State.WARN_BAND, kind="keep", value=11.0, target=12.0, bounds=Bounds(high=12.0), warn=Bounds(low=10.0)
        )
    )
    assert told is not None
    inside, warn = told.zones
    [target] = [mark.x for mark in told.marks if mark.kind == "target"]
    assert (inside.kind, inside.x) == ("inside", 0)
    assert inside.width == pytest.approx(target)
    assert (warn.kind, warn.x + warn.width) == ("warn", pytest.approx(target, abs=0.02))
    assert warn.x == pytest.approx(target * 10 / 12, abs=0.02)


def test_a_level_moves_on_from_its_baseline() -> None:
    told = bullets.bullet(verdict("r", State.ON_TRACK, value=105.0, target=110.0, baseline=100.0))
    assert told is not None
    places = {mark.kind: mark.x for mark in told.marks}
    assert told.bar.x == pytest.approx(places["baseline"])
    assert told.bar.x + told.bar.width == pytest.approx((places["baseline"] + places["target"]) / 2, abs=0.02)


def test_a_day_without_data_breaks_the_line() -> None:
    points = tuple(
        TrendPoint(date(2026, 4, n), date(2026, 4, n), None if n in {4, 5} else float(n * 10)) for n in range(1, 11)
    )
    told = verdict("r", State.ON_TRACK, **NUMBERS, trend=Trend(True, points))
    drawn = trends.chart(told, told.trend, date(2026, 4, 11))
    [value] = [line.path for line in drawn.lines if line.kind == "value"]
    assert value.count("M") == 2
    gaps = [band for band in drawn.bands if band.kind == "gap"]
    assert len(gaps) == 2
    assert ("gap", "no data") in drawn.keys
    assert [row[1] for row in drawn.rows[3:5]] == ["no data", "no data"]


def test_a_trend_that_is_not_known_says_why(examples: dict[str, Scorecard]) -> None:
    told = [v for g in examples["company"].goals for r in g.rules for v in r.verdicts if isinstance(v.trend, Missing)]
    assert told
    page = Page(html.render(examples["company"])).text
    assert all(f"No chart: {v.trend.detail}" in page for v in told if isinstance(v.trend, Missing))


# In the browser


def absent() -> str | None:
    """What the browser tests lack."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return 'playwright is not installed: pip install -e ".[dev,browser]"'
    if CHROMIUM is None:
        return "there is no Chromium: apt-get install chromium"
    return None


def skip(reason: str) -> None:
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(f"browser tests are required, and {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    reason = absent()
    if reason is not None:
        skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Seen:
    """A page in the browser, and what it complained of or asked for."""

    def __init__(self, browser: Any, file: Path, **look: Any) -> None:
        context = browser.new_context(**look)
        self.page = context.new_page()
        self.heard: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def status(self) -> str:
        return str(self.page.locator("[role=status]").first.text_content())

    def waits_for(self, status: str) -> None:
        from playwright.sync_api import expect

        expect(self.page.locator("[role=status]").first).to_have_text(status)

    def names(self) -> list[str]:
        return list(self.page.locator(".verdicts tbody tr td:nth-child(2)").all_text_contents())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, examples: dict[str, Scorecard]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    pages = {**examples, **{f"story-{name}": story for name, story in STORIES.items()}, "many": many()}
    for name, shown in pages.items():
        (folder / f"{name}.html").write_text(html.render(shown), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_render_without_an_error_or_a_request(browser: Any, files: dict[str, Path], width: int) -> None:
    for name, file in files.items():
        seen = Seen(browser, file, viewport={"width": width, "height": 800})
        assert seen.heard == [], name
        assert [url for url in seen.asked if not url.startswith("data:")] == [file.as_uri()], name
        too_wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0, name
        seen.page.context.close()


def test_tables_sort_by_what_is_meant(browser: Any, files: dict[str, Path]) -> None:
    seen = Seen(browser, files["many"])
    head = seen.page.get_by_role("columnheader", name="campaign")
    assert seen.page.get_by_role("columnheader", name="verdict").get_attribute("aria-sort") == "descending"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert seen.names() == [f"campaign-{n:04}" for n in range(PAGE_ROWS)]
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert seen.names()[0] == f"campaign-{MANY - 1:04}"
    seen.page.get_by_role("columnheader", name="value", exact=True).get_by_role("button").click()
    values = seen.page.locator(".verdicts tbody tr td:nth-child(3)").all_text_contents()
    numbers = [float(text.removesuffix(" EUR")) for text in values]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 60
    assert seen.heard == []


def test_tables_filter_and_say_how_many_are_left(browser: Any, files: dict[str, Path]) -> None:
    seen = Seen(browser, files["many"])
    assert seen.status() == "50 shown of 5,000"
    seen.page.get_by_label("Filter").fill("CAMPAIGN-004")
    seen.waits_for("10 of 5,000 shown")
    assert sorted(seen.names()) == [f"campaign-{n:04}" for n in range(40, 50)]
    seen.page.get_by_label("Filter").fill("")
    seen.page.get_by_label("Outcome").select_option("fail")
    seen.waits_for("50 shown of 556 of 5,000")
    seen.page.get_by_role("button", name="Show 200 more").click()
    assert len(seen.names()) == 250
    assert seen.heard == []


def test_names_stay_text_when_later_rows_are_shown(browser: Any, tmp_path: Path) -> None:
    name = "</noscript><img src=x onerror=alert(1)><script>alert(2)</script>"
    told = many(80).goals[0].rules[0].verdicts
    hostile = [replace(one, segment={"campaign": f"{n} {name}"}, reasons=(name,)) for n, one in enumerate(told)]
    file = tmp_path / "page.html"
    shown = card(Outcome.FAIL, 1, goal("Cheap everywhere", Outcome.FAIL, rule(*hostile)))
    file.write_text(html.render(shown), encoding="utf-8")
    seen = Seen(browser, file)
    seen.page.get_by_role("columnheader", name="campaign").get_by_role("button").click()
    seen.page.get_by_role("button", name="Show 30 more").click()
    assert seen.names() == [f"{n} {name}" for n in range(80)]
    assert seen.page.locator("img").count() == 0
    assert seen.page.locator("script").count() == 1
    assert seen.heard == []
    assert [url for url in seen.asked if not url.startswith("data:")] == [file.as_uri()]


def test_a_page_without_scripts_has_every_row(browser: Any, files: dict[str, Path]) -> None:
    seen = Seen(browser, files["many"], java_script_enabled=False)
    assert seen.page.locator(".verdicts tbody tr").count() == MANY
    assert not seen.page.locator(".tools").first.is_visible()


def test_themes_follow_the_system_and_the_switch(browser: Any, files: dict[str, Path]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = (Seen(browser, files["company"], color_scheme=scheme) for scheme in ("light", "dark"))
    assert light.page.evaluate(paper) != dark.page.evaluate(paper)
    in_dark = dark.page.evaluate(paper)
    light.page.get_by_label("Dark").focus()
    light.page.keyboard.press("Space")
    assert light.page.evaluate(paper) == in_dark


def test_the_first_key_leads_to_the_goals(browser: Any, files: dict[str, Path]) -> None:
    seen = Seen(browser, files["company"])
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "goals"


def test_paper_has_what_is_folded_on_the_screen(browser: Any, files: dict[str, Path]) -> None:
    seen = Seen(browser, files["company"], color_scheme="dark")
    paper = seen.page.pdf(format="A4", print_background=True)
    assert paper.startswith(b"%PDF")
    seen.page.emulate_media(media="print")
    assert seen.page.get_by_text("spend / conversions", exact=True).first.is_visible()
    assert not seen.page.locator("nav").is_visible()
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_pass_the_check_of_accessibility(browser: Any, files: dict[str, Path], scheme: str, width: int) -> None:
    if AXE is None or not Path(AXE).is_file():
        skip("AXE_CORE names no axe.min.js: npm pack axe-core, and unpack it")
    source = Path(str(AXE)).read_text(encoding="utf-8")
    for name in ("company", "agency", "story-worst", "story-moved", "story-sections"):
        seen = Seen(browser, files[name], color_scheme=scheme, viewport={"width": width, "height": 800})
        seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        seen.page.evaluate(source)
        found = seen.page.evaluate("axe.run()")
        told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
        assert told == [], name
        assert len(found["passes"]) > 20
        seen.page.context.close()
