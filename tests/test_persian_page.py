"""The page in Persian: that all of it is, that it is the same scorecard, and what stands where in a browser.

The browser is found, or the tests that need it are skipped, as in `test_html`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import test_html
from goalkeeper.calendar import Window
from goalkeeper.languages import language, speaking
from goalkeeper.limits import PAGE_ROWS
from goalkeeper.quantity import exact_quantity, format_quantity
from goalkeeper.reporters import html
from goalkeeper.reporters import json as json_reporter
from goalkeeper.reporters.safe import safe
from goalkeeper.said import Said, say
from goalkeeper.scorecard import DiagnosisNote, Scorecard
from goalkeeper.units import PERCENT, POINTS
from goalkeeper.verdict import Bounds, Outcome, State, Trend, TrendPoint
from test_html import AXE, Page, Seen, example, many, skip, texts
from test_reporters import STORIES, card, goal, rule, verdict

browser = test_html.browser
RICH = STORIES["rich"]
QUARTER = Window(date(2026, 9, 23), date(2026, 12, 21))


def persian(scorecard: Scorecard, digits: str = "own") -> str:
    with speaking("fa", digits):
        return html.render(scorecard)


# What it says


def test_the_page_says_its_language_and_direction() -> None:
    assert '<html lang="fa" dir="rtl">' in persian(RICH)
    assert '<html lang="en">' in html.render(RICH)


@pytest.mark.parametrize("name", list(STORIES))
def test_no_text_of_ours_stays_english(name: str) -> None:
    story = STORIES[name]
    theirs = {" ".join(safe(text).split()) for text in texts(json.loads(json_reporter.render(story)))}
    ours = {one for one, text in language("fa").texts.items() if text != one} - theirs
    page = Page(persian(story))
    read = {" ".join(text.split()) for text in page.texts}
    attributes = {value for _, name, value in page.attributes if name in {"aria-label", "placeholder"}}
    assert (read | attributes) & ours == set()


@pytest.mark.parametrize("name", list(STORIES))
def test_it_is_the_same_scorecard(name: str) -> None:
    """Outcomes, places in charts and bars, and the numbers that are sorted by: only what is read differs."""
    drawn = {"class", "data-outcome", "data-by", "data-sort", "d", "x", "y", "x1", "cx", "cy", "width", "value", "href"}

    def seen(text: str) -> list[tuple[str, str, str]]:
        kept = [one for one in Page(text).attributes if one[1] in drawn and one[0] not in {"bdi", "span", "code", "p"}]
        return [one for one in kept if one[0] != "link"]

    assert seen(persian(STORIES[name])) == seen(html.render(STORIES[name]))


@pytest.mark.parametrize("name", list(STORIES))
def test_numbers_are_those_of_the_english_page(name: str) -> None:
    """Every number in a column of numbers or beside a bar, read back."""
    back = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬٪−", "0123456789.,%-")

    def numbers(text: str) -> list[str]:
        cells = re.findall(r'<td class="number"[^>]*>.*?</td>|<dl class="figures">.*?</dl>', text, re.DOTALL)
        plain = (re.sub(r"<[^>]*>|[\u2066-\u2069]", "", cell).translate(back) for cell in cells)
        return [found for one in plain for found in re.findall(r"[-+]?\d[\d,.]*%?", one)]

    assert numbers(persian(STORIES[name])) == numbers(html.render(STORIES[name]))


def test_nothing_hidden_and_no_markup_in_attributes() -> None:
    for story in STORIES.values():
        page = Page(persian(story))
        assert not [value for _, _, value in page.attributes if "<bdi" in value or "<U+2066>" in value]
        assert not re.search("<U\\+20(?:66|67|68|69)>", page.text)
        assert not re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\ufeff]", persian(story))


def test_all_that_is_isolated_ends() -> None:
    for story in STORIES.values():
        page = Page(persian(story))
        for text in [*(value for _, _, value in page.attributes), "".join(page.texts)]:
            assert len(re.findall("[\u2066-\u2068]", text)) == text.count("\u2069")


def test_only_what_is_shipped_runs() -> None:
    text = persian(RICH)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    for tag in ("style", "script"):
        [inner] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode() in policy[1]


def test_a_chart_says_that_its_time_runs_from_the_left() -> None:
    text = persian(drawn())
    [label] = re.findall(r'role="img" aria-label="([^"]*)"', text)
    assert "زمان از چپ به راست" in label
    assert "زمان از چپ به راست" in Page(text).text


# In the browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    folder = tmp_path_factory.mktemp("persian")

    def page(scorecard: Scorecard, name: str, digits: str = "own") -> Path:
        file = folder / f"{name}-{digits}.html"
        if not file.is_file():
            file.write_text(persian(scorecard, digits), encoding="utf-8")
        return file

    return page


STORED: dict[str, Callable[[], Scorecard]] = {
    "rich": lambda: RICH,
    "company": lambda: example("company"),
    "many": lambda: many(200),
    "hostile": lambda: STORIES["hostile"],
}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", list(STORED))
def test_pages_render_without_an_error_or_a_request(
    browser: Any, pages: Callable[..., Path], name: str, width: int
) -> None:
    file = pages(STORED[name](), name)
    seen = Seen(browser, file, viewport={"width": width, "height": 800})
    assert seen.heard == []
    assert [url for url in seen.asked if not url.startswith("data:")] == [file.as_uri()]
    for step in ("", "document.querySelectorAll('details').forEach((one) => { one.open = true })"):
        seen.page.evaluate(step)
        too_wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0
    seen.page.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_pass_the_check_of_accessibility(
    browser: Any, pages: Callable[..., Path], scheme: str, width: int
) -> None:
    if AXE is None or not Path(AXE).is_file():
        skip("AXE_CORE names no axe.min.js: npm pack axe-core, and unpack it")
    source = Path(str(AXE)).read_text(encoding="utf-8")
    for name in ("rich", "company"):
        look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
        seen = Seen(browser, pages(STORED[name](), name), **look)
        seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        seen.page.evaluate(source)
        found = seen.page.evaluate("axe.run()")
        assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]] == []
        assert len(found["passes"]) > 20
        seen.page.context.close()


def test_the_page_is_laid_out_from_the_right(browser: Any, pages: Callable[..., Path]) -> None:
    seen = Seen(browser, pages(example("company"), "company"), viewport={"width": 1280, "height": 800})
    left = "(selector) => document.querySelector(selector).getBoundingClientRect().left"
    at = {
        one: seen.page.evaluate(left, one) for one in ("nav", "main", ".tally > :first-child", ".tally > :last-child")
    }
    assert at["main"] < at["nav"]
    assert at[".tally > :last-child"] < at[".tally > :first-child"]
    assert seen.page.evaluate("getComputedStyle(document.querySelector('svg.plot')).direction") == "ltr"
    # A bar begins at the right, where a line does.
    bar, track = (
        seen.page.evaluate("(one) => document.querySelector(one).getBoundingClientRect().toJSON()", f".bullet .{part}")
        for part in ("bar", "track")
    )
    assert bar["right"] == pytest.approx(track["right"], abs=1)
    # Digits stand below digits: all that is in a column of numbers ends at its right side.
    ends = seen.page.evaluate(
        """[...document.querySelectorAll('.verdicts tbody tr > .number:nth-of-type(3)')].map((cell) => {
          const all = document.createRange();
          all.selectNodeContents(cell);
          return Math.round(all.getBoundingClientRect().right);
        })"""
    )
    assert len(ends) > 2
    assert len(set(ends[:3])) == 1


def named(*names: str) -> Scorecard:
    told = many(len(names)).goals[0].rules[0].verdicts
    verdicts = [replace(one, segment={"کمپین": name}) for one, name in zip(told, names, strict=True)]
    return card(Outcome.FAIL, 1, goal("هزینه", Outcome.FAIL, rule(*verdicts)))


def test_names_are_sorted_and_found_as_in_persian(browser: Any, pages: Callable[..., Path]) -> None:
    from playwright.sync_api import expect

    names = ["یاس", "گلبرگ ۱۰", "پرتو", "گلبرگ ۹", "چمن", "کتاب‌ها", "آبان", "ژاله"]
    seen = Seen(browser, pages(named(*names), "named"))
    assert seen.status() == "۸ سطر نمایش داده شده".replace("۸", "\u2068۸\u2069")
    seen.page.get_by_role("columnheader", name="کمپین").get_by_role("button").click()
    assert seen.names() == ["آبان", "پرتو", "چمن", "ژاله", "کتاب‌ها", "گلبرگ ۹", "گلبرگ ۱۰", "یاس"]
    for typed, found in (("كتابها", ["کتاب‌ها"]), ("گلبرگ 10", ["گلبرگ ۱۰"]), ("ياس", ["یاس"])):
        seen.page.get_by_label("جست‌وجو").fill(typed)
        expect(seen.page.locator(".verdicts tbody tr td:nth-child(2)")).to_have_text(found)
        assert seen.status() == "\u2068۱\u2069 سطر از \u2068۸\u2069 سطر نمایش داده شده"
    assert seen.heard == []


def test_more_rows_are_asked_for_in_persian(browser: Any, pages: Callable[..., Path]) -> None:
    for digits, count in (("own", "۱۵۰"), ("latin", "150")):
        seen = Seen(browser, pages(many(200), "many", digits))
        seen.page.get_by_role("button", name=re.compile(f"نمایش .?{count}.? سطر دیگر")).click()
        assert len(seen.names()) == 200
        assert seen.heard == []


# The order in which the characters are painted

PAINTED = """
(element) => {
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const svg = node.parentElement.closest("text");
    for (let at = 0; at < node.length; at += 1) {
      if (/[\\u2066-\\u2069\\u200c]/.test(node.data[at])) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = svg ? svg.getExtentOfChar(at) : range.getClientRects()[0];
      if (box && (box.width || node.data[at] !== " ")) found.push([node.data[at], box.x + box.width / 2, box.y]);
    }
  }
  return found;
}
"""
PERSIAN = re.compile("[\u0621-\u064a\u066e-\u06d3]+")


def painted(element: Any) -> list[str]:
    """What is painted, from the left; only the letters of Persian words stand in their own order again."""
    found = element.evaluate(PAINTED)
    assert max(y for _, _, y in found) - min(y for _, _, y in found) < 6, "it is painted on one line"
    text = "".join(one for one, _, _ in sorted(found, key=lambda one: one[1]))
    if ")" in text and text.find(")") < text.find("("):  # from the right, where each is painted as the other
        text = text.translate(str.maketrans("()", ")("))
    return PERSIAN.sub(lambda letters: letters.group()[::-1], text).split()


def share(value: float) -> Any:
    return format_quantity(value, PERCENT)


# What is said, and what of it is seen from the left to the right.
SAID: list[tuple[str, str, Said, list[str]]] = [
    ("own", "minus alone", say("{change}", change=share(-0.15)), ["−۱۵٪"]),
    ("latin", "minus alone", say("{change}", change=share(-0.15)), ["−15%"]),
    ("own", "after letters", say("رشد {change} شد", change=share(-0.15)), ["شد", "−۱۵٪", "رشد"]),
    ("latin", "after letters", say("رشد {change} شد", change=share(-0.15)), ["شد", "−15%", "رشد"]),
    ("own", "format", say("رشد {change:+.0%} شد", change=0.15), ["شد", "+۱۵٪", "رشد"]),
    ("own", "after a Latin word", say("CTR {change} شد", change=share(-0.15)), ["شد", "−۱۵٪", "CTR"]),
    ("own", "before a Latin word", say("{change} در CTR", change=share(-0.15)), ["CTR", "در", "−۱۵٪"]),
    ("own", "behind a name", say("{name}: {x}", name="Spring 2", x=share(-0.15)), ["−۱۵٪", ":Spring", "2"]),
    ("own", "points", say("رشد {change}", change=format_quantity(-0.02, POINTS)), ["درصد", "واحد", "−۲", "رشد"]),
    ("own", "money", say("هزینه {x} شد", x=format_quantity(-12.5, "EUR")), ["شد", "یورو", "−۱۲٫۵۰", "هزینه"]),
    ("own", "a unit of theirs", say("هزینه {x} شد", x=format_quantity(-3.0, "NOK")), ["شد", "NOK", "−۳", "هزینه"]),
    (
        "own",
        "separators",
        say("درآمد {x} شد", x=exact_quantity(-1234567.89, None)),
        ["شد", "−۱٬۲۳۴٬۵۶۷٫۸۹", "درآمد"],
    ),
    ("latin", "separators", say("درآمد {x} شد", x=exact_quantity(1234567.89, None)), ["شد", "1,234,567.89", "درآمد"]),
    (
        "own",
        "a target",
        say("هدف: {value} از {target}", value=share(0.15), target=share(0.1)),
        ["۱۰٪", "از", "۱۵٪", ":هدف"],
    ),
    (
        "latin",
        "two changes",
        say("بین {low} و {high}", low=share(-0.04), high=share(0.24)),
        ["24%", "و", "−4%", "بین"],
    ),
    ("own", "a day", say("از {day} شد", day=date(2026, 9, 23)), ["شد", "(2026-09-23)", "۱۴۰۵", "مهر", "۱", "از"]),
    (
        "own",
        "days",
        say("بازه {days}", days=QUARTER),
        ["(2026-09-23–2026-12-21)", "۱۴۰۵", "آذر", "۳۰", "تا", "مهر", "۱", "بازه"],
    ),
    (
        "own",
        "ISO days as written",
        say("بازه {days}", days="1405-07-01 – 1405-09-30"),
        ["1405-07-01", "–", "1405-09-30", "بازه"],
    ),
    (
        "own",
        "two ISO days as written",
        say("از {first} تا {last}", first="1405-07-01", last="1405-09-30"),
        ["1405-09-30", "تا", "1405-07-01", "از"],
    ),
    ("own", "slashes", say("از {first} شد", first="۱۴۰۵/۰۷/۰۱"), ["شد", "۱۴۰۵/۰۷/۰۱", "از"]),
    ("own", "a path", say("فایل {path} نیست", path="data/ads-2.csv"), ["نیست", "data/ads-2.csv", "فایل"]),
]
# Comparisons as they are written in YAML, and how they are painted.
COMPARED: list[tuple[str, list[str]]] = [
    ("15% >= 10%", ["15%", ">=", "10%"]),
    ("۱۵٪ ≥ ۱۰٪", ["۱۵٪", "≥", "۱۰٪"]),
    ("CTR >= 2%", ["CTR", ">=", "2%"]),
    ("نرخ کلیک >= 2%", ["کلیک", "نرخ", ">=", "2%"]),
    ("2% <= نرخ کلیک", ["2%", "<=", "کلیک", "نرخ"]),
    ("نرخ < سهم", ["نرخ", "<", "سهم"]),
    ("نرخ_۲ > usual(نرخ_۲) - 1.5", ["۲_نرخ", ">", "usual(۲_نرخ)", "-", "1.5"]),
    ("(margin - spend) / spend < -0.5", ["(margin", "-", "spend)", "/", "spend", "<", "-0.5"]),
]


def telling(digits: str) -> Scorecard:
    """A scorecard with every sentence as a reason, and every comparison as what a diagnosis holds for."""
    reasons = tuple(said for one, _, said, _ in SAID if one == digits)
    notes = [DiagnosisNote(f"d{n}", "g", {}, True, f"d{n}", None, when=when) for n, (when, _) in enumerate(COMPARED)]
    told = verdict("grow", State.OFF_TRACK, value=-0.15, target=0.1, unit=PERCENT, reasons=reasons, elapsed=90)
    rules = [rule(told), *(rule(replace(told, rule=f"keep {when}", reasons=())) for when, _ in COMPARED)]
    return card(Outcome.FAIL, 1, goal("رشد", Outcome.FAIL, *rules, id="g"), diagnoses=tuple(notes))


@pytest.mark.parametrize("digits", ["own", "latin"])
def test_what_is_said_is_painted_in_its_order(browser: Any, pages: Callable[..., Path], digits: str) -> None:
    seen = Seen(browser, pages(telling(digits), "telling", digits), viewport={"width": 1600, "height": 900})
    items = seen.page.locator(".rule").first.locator(".told > .said li").all()
    wanted = [(what, order) for one, what, _, order in SAID if one == digits]
    assert [(what, painted(item)) for (what, _), item in zip(wanted, items, strict=True)] == wanted


def test_numbers_beside_a_bar_and_in_sums_are_painted_in_their_order(browser: Any, pages: Callable[..., Path]) -> None:
    seen = Seen(browser, pages(telling("own"), "telling"), viewport={"width": 1600, "height": 900})
    first = seen.page.locator(".rule").first
    assert painted(first.locator(".figures > .value dd")) == ["−۱۵٪"]
    assert painted(first.locator(".figures > .target dd")) == ["۱۰٪"]


def test_comparisons_are_painted_as_they_are_written(browser: Any, pages: Callable[..., Path]) -> None:
    seen = Seen(browser, pages(telling("own"), "telling"), viewport={"width": 1600, "height": 900})
    for number, (when, order) in enumerate(COMPARED):
        of_diagnosis = seen.page.locator(".diagnosis").nth(number).locator("p.note:has(code)")
        # The comparison is whole, behind the words that it belongs to.
        assert painted(of_diagnosis) == [*order, ":که", "وقتی", "است", "برقرار"], when
        of_rule = seen.page.locator(".rule").nth(number + 1).locator("h3")
        assert painted(of_rule) == ["keep", *order], when


def test_what_authors_wrote_keeps_its_order(browser: Any, pages: Callable[..., Path]) -> None:
    """Names, reasons and ids in English, each in a place of its own and among words of the page."""
    seen = Seen(browser, pages(RICH, "rich"), viewport={"width": 2400, "height": 900})
    seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")

    def first(selector: str, text: str) -> list[str]:
        return painted(seen.page.locator(selector, has_text=text).first)

    assert first(".working summary", "2026-W16") == ["2026-W16", ":رسید", "اینجا", "به", "چگونه"]
    assert first(".why", "near the bound") == ["11.99", "EUR", "is", "near", "the", "bound"]
    assert first(".said li", "-1 points") == ["-1", "points", "of", "-2", "points"]
    assert first(".facts dd", "goals.yaml:24") == ["goals.yaml:24"]
    assert first(".about dd", "growth@example.com") == ["growth@example.com"]
    assert first("h3", "increase conversions") == ["increase", "conversions", "by", "15%"]
    assert first(".diagnosis h3", "Many") == ["Many", "followers,", "little", "engagement."]


def drawn() -> Scorecard:
    days = [date(2026, 9, 23).replace(day=day) for day in range(23, 31)]
    points = tuple(TrendPoint(day, day, -0.02 * n) for n, day in enumerate(days))
    told = verdict(
        "keep change at least -15%",
        State.BREACHED,
        kind="keep",
        value=-0.14,
        target=-0.15,
        bounds=Bounds(low=-0.15),
        unit=PERCENT,
        window=QUARTER,
        elapsed=8,
        trend=Trend(False, points),
    )
    shown = card(Outcome.FAIL, 1, goal("رشد", Outcome.FAIL, rule(told)))
    return replace(shown, as_of=date(2026, 11, 8))


def test_labels_of_a_chart_are_painted_in_their_order(browser: Any, pages: Callable[..., Path]) -> None:
    seen = Seen(browser, pages(drawn(), "drawn"), viewport={"width": 1280, "height": 900})

    def labels(kind: str) -> Iterator[list[str]]:
        yield from (painted(label) for label in seen.page.locator(f"svg.plot text.{kind}").all())

    assert list(labels("at-target")) == [["−۱۵٪", "کران"]]
    assert ["−۱۰٪"] in list(labels("level"))
    assert sorted(labels("day")) == sorted([["۱۴۰۵/۰۷/۰۱"], ["امروز"], ["۱۴۰۵/۰۹/۳۰"]])
    places = {
        text.strip("\u2066\u2067\u2068\u2069"): x
        for text, x in seen.page.locator("svg.plot text.day").evaluate_all(
            "(all) => all.map((one) => [one.textContent, one.getBoundingClientRect().left])"
        )
    }
    assert places["۱۴۰۵/۰۷/۰۱"] < places["امروز"] < places["۱۴۰۵/۰۹/۳۰"]


def test_a_page_of_many_rows_has_them_all_in_persian() -> None:
    text = persian(many(PAGE_ROWS + 20))
    assert text.count("<tr data-outcome") == PAGE_ROWS + 20
