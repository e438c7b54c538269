"""A small project that scores at once: a goal file, tests of it, and the data of a made-up shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

GOALS = """\
# yaml-language-server: $schema=./goalkeeper.schema.json
version: 1

sources:
  ads: {path: data/ads.csv, time: date}

kpis:
  conversion_rate:
    label: Conversion rate
    formula: conversions / clicks
    unit: percent
    direction: up
  cpa:
    label: Cost per conversion
    formula: spend / conversions
    unit: EUR
    direction: down

goals:
  - rule: increase conversions 15% in 3 months
    start: 2026-04-01
    why: Orders pay for everything else

  - id: profitable-growth
    name: Profitable growth from paid social
    why: Paid social must pay for itself
    owner: growth@example.com
    period: 2026-Q2
    rules:
      - rule: keep cpa below 12 EUR in each platform
        warn: at least 10 EUR
        min_sample: {conversions: 10}
        key: true
      - keep conversion_rate at least 2%
      - reach 50,000 clicks
"""

TESTS = """\
# Made-up numbers, and what the goals must say of them. Run: goalkeeper test
version: 1
start: 2026-01-01   # the first day of every series
as_of: 2026-05-16   # the first 45 days of April to June are there

tests:
  - name: the same pace as before is too little
    series: {conversions: 20x135}
    expect:
      goals: {increase-conversions-15-percent-in-3-months: fail}

  - name: a fifth more is on track
    series: {conversions: 20x90 24x45}
    expect:
      goals: {increase-conversions-15-percent-in-3-months: pass}

  - name: three weeks without data are no verdict
    series: {conversions: 20x90 24x20 _x21 24x4}
    expect:
      goals: {increase-conversions-15-percent-in-3-months: inconclusive}

  - name: one dear platform fails the goal, whatever the others cost
    series:
      conversions: {platform=instagram: 10x135, platform=facebook: 10x135}
      clicks: {platform=instagram: 320x135, platform=facebook: 280x135}
      spend: {platform=instagram: 80x135, platform=facebook: 130x135}
    expect:
      goals:
        profitable-growth:
          outcome: fail
          rules:
            cpa:
              - {segment: platform=instagram, outcome: pass, value: 8 EUR}
              - {segment: platform=facebook, outcome: fail, value: 13 EUR}
            conversion_rate: {outcome: pass, value: about 3.33%}
            clicks: {outcome: pass, value: 27000}

  - name: few clicks, and few of them buy
    series:
      conversions: {platform=search: 3x135}
      clicks: {platform=search: 200x135}
      spend: {platform=search: 33x135}
    expect:
      goals:
        profitable-growth:
          rules:
            cpa: {outcome: warn, state: warn_band, value: 11 EUR}
            conversion_rate: {outcome: fail, value: 1.5%}
            clicks: {outcome: fail, expected: about 24725}

  - name: cheap clicks
    series:
      conversions: {platform=search: 15x135}
      clicks: {platform=search: 600x135}
      spend: {platform=search: 33x135}
    expect:
      goals: {profitable-growth: pass}
"""

DAYS = (date(2025, 12, 1), date(2026, 6, 30))
_PLATFORMS = (("instagram", 150, 0.038, 0.30), ("facebook", 110, 0.031, 0.34), ("search", 190, 0.042, 0.36))
"""Name, clicks a day at the start, share of clicks that convert, price of a click in EUR."""
_WEEKDAYS = (1.05, 1.1, 1.08, 1.04, 0.96, 0.84, 0.93)


def write_starter(folder: Path) -> tuple[list[Path], list[Path]]:
    """Write the project into *folder*: the files written, or those already there, which nothing overwrites."""
    own = {folder / "goals.yaml": GOALS, folder / "goals.test.yaml": TESTS}
    return write_new({**own, **schema_in(folder), **data_in(folder)})


def schema_in(folder: Path) -> dict[Path, str]:
    """The schema of goal files, for the editor."""
    from importlib.resources import files

    text = files("goalkeeper.schemas").joinpath("goalkeeper.schema.json").read_text(encoding="utf-8")
    return {folder / "goalkeeper.schema.json": text}


def data_in(folder: Path) -> dict[Path, str]:
    """The data of the made-up shop."""
    return {folder / "data" / "ads.csv": "\n".join(_rows()) + "\n"}


def write_new(texts: Mapping[Path, str]) -> tuple[list[Path], list[Path]]:
    """Write files that are not there yet, all or none: the files written, or those already there.

    Whatever stops it, an interruption too, takes back what was written.
    """
    kept = [path for path in texts if path.exists() or path.is_symlink()]
    if kept:
        return [], kept
    written: list[Path] = []
    made: list[Path] = []
    try:
        for path, text in texts.items():
            made += [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        for folder in made:
            with suppress(OSError):  # one that could not be made
                folder.rmdir()
        raise
    return written, []


def _rows() -> Iterator[str]:
    """A row for each day and platform: a little growth, a weekly rhythm, and no chance."""
    yield "date,platform,impressions,clicks,conversions,spend"
    first, last = DAYS
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for place, (platform, base, rate, price) in enumerate(_PLATFORMS):
            wave = 1 + 0.06 * (((number * 7 + place * 5) % 11) - 5) / 5
            clicks = round(base * (1 + 0.0016 * number) * _WEEKDAYS[day.weekday()] * wave)
            conversions = round(clicks * rate * (1 + 0.0006 * number))
            impressions = clicks * (38 + (number + place) % 9)
            yield f"{day},{platform},{impressions},{clicks},{conversions},{clicks * price:.2f}"
