"""Writes the data of this example: a made-up shop with two social pages, its ads, and a monthly budget."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
WEEKDAYS = (1.05, 1.1, 1.08, 1.04, 0.96, 0.84, 0.93)
CAMPAIGNS = {
    # name: platform, first day, last day, clicks a day, conversions per click, EUR per click, weekly growth
    "always-on": ("instagram", FIRST, LAST, 240, 0.034, 0.31, 0.012),
    "search-brand": ("search", FIRST, LAST, 160, 0.061, 0.42, 0.004),
    "launch-spring": ("instagram", date(2026, 4, 6), date(2026, 5, 31), 180, 0.021, 0.28, 0.03),
    "launch-video": ("facebook", date(2026, 4, 20), LAST, 90, 0.012, 0.22, 0.01),
}
PAGES = {"instagram": (18_400, 34), "facebook": (9_100, 3)}  # followers on the first day, and gained each day


def days() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def ads() -> list[str]:
    rows = ["date,platform,campaign,clicks,conversions,spend"]
    for number, day in enumerate(days()):
        for name, (platform, first, last, base, rate, price, growth) in CAMPAIGNS.items():
            if first <= day <= last:
                wave = 1 + 0.05 * ((number * 3 + len(name)) % 7 - 3) / 3
                clicks = round(base * (1 + growth) ** (number / 7) * WEEKDAYS[day.weekday()] * wave)
                rows.append(f"{day},{platform},{name},{clicks},{round(clicks * rate)},{clicks * price:.2f}")
    return rows


def pages() -> list[str]:
    rows = ["day,platform,metric,value"]
    for number, day in enumerate(days()):
        for platform, (start, gained) in PAGES.items():
            rows.append(f"{day},{platform},followers,{start + gained * number}")
            rows.append(
                f"{day},{platform},engagements,{round((start + gained * number) * 0.009 * WEEKDAYS[day.weekday()])}"
            )
    return rows


def plan() -> list[str]:
    return [
        "month,budget",
        *(f"2026-{month:02},{amount}" for month, amount in enumerate((5600, 5400, 5900, 8200, 8800, 7400), 1)),
    ]


if __name__ == "__main__":
    (HERE / "data").mkdir(exist_ok=True)
    for name, rows in (("ads", ads()), ("pages", pages()), ("plan", plan())):
        (HERE / "data" / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
