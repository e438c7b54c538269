"""Writes the reports of this example: a made-up tea shop, as a team keeps its numbers in Persian, a file for each month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from goalkeeper import jalali

HERE = Path(__file__).parent / "data"
FIRST, LAST = date(2025, 9, 23), date(2026, 6, 21)
"""1 Mehr 1404 and 31 Khordad 1405."""
NOWRUZ = (date(2026, 3, 21), date(2026, 4, 2))
PERSIAN = str.maketrans("0123456789,.%", "۰۱۲۳۴۵۶۷۸۹٬٫٪")
ARABIC = str.maketrans("یک", "يك")
"""The letters of a keyboard for Arabic."""
NETWORKS = {
    # name: impressions a day, growth a month, clicks an impression, conversions a click, toman a click, followers, gained a day
    "اینستاگرام": (5000, 0.078, 0.021, 0.052, 4600, 5870, 11.2),
    "تلگرام": (2000, 0.045, 0.026, 0.031, 4300, 2290, 2.1),
}
WEEKDAYS = (1.06, 1.05, 1.03, 1.0, 0.92, 0.86, 1.08)
"""Monday to Sunday: few buy at the end of the Iranian week, Thursday and Friday."""
HEADER = ("تاریخ", "شبکه", "نمایش", "دسترسی", "کلیک", "نرخ کلیک", "تبدیل", "دنبال‌کننده", "هزینه")


def number(value: float, places: int = 0) -> str:
    return f"{value:,.{places}f}".translate(PERSIAN)


def rows() -> Iterator[tuple[date, str, int, int, int, int, int, int]]:
    """A row for each day and network: impressions, reach, clicks, conversions, followers, and toman spent."""
    for count in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=count)
        feast = 0.82 if NOWRUZ[0] <= day <= NOWRUZ[1] else 1.0
        for place, (name, (base, growth, clicked, bought, price, fans, gained)) in enumerate(NETWORKS.items()):
            wave = 1 + 0.05 * ((count * 5 + place * 3) % 11 - 5) / 5
            shown = round(base * (1 + growth) ** (count / 30) * WEEKDAYS[day.weekday()] * wave * feast)
            clicks = round(shown * clicked)
            conversions = round(clicks * bought * (1 + 0.2 * ((count * 3 + place) % 5 - 2) / 2))
            yield (
                day,
                name,
                shown,
                round(shown * 0.71),
                clicks,
                conversions,
                round(fans + gained * count),
                clicks * price,
            )


def reports() -> Iterator[tuple[str, str]]:
    """A report for each month of the Jalali calendar. That of Bahman was made on another computer, and in rial."""
    months: dict[tuple[int, int], list[tuple[date, str, int, int, int, int, int, int]]] = {}
    for row in rows():
        months.setdefault(jalali.fields(row[0])[:2], []).append(row)
    for (year, month), found in months.items():
        rial = month == 11
        lines = [",".join((*HEADER[:-1], "هزینه (ریال)" if rial else HEADER[-1]))]
        for day, name, shown, reached, clicks, conversions, fans, spent in found:
            when = "{}/{:02}/{:02}".format(*jalali.fields(day)).translate(PERSIAN)
            amount = number(spent * 10) if rial else f"{number(spent)} تومان"
            counted = (number(n) for n in (shown, reached, clicks))
            share = number(100 * clicks / shown, 2) + "٪"
            lines.append(",".join((when, name, *counted, share, number(conversions), number(fans), amount)))
        shown, clicks, conversions, spent = (sum(row[place] for row in found) for place in (2, 4, 5, 7))
        amount = number(spent * 10) if rial else f"{number(spent)} تومان"
        share = number(100 * clicks / shown, 2) + "٪"
        lines.append(
            ",".join(("جمع کل", "", number(shown), "—", number(clicks), share, number(conversions), "—", amount))
        )
        text = "\n".join(lines) + "\n"
        yield f"gozaresh-{year}-{month:02}.csv", text.translate(ARABIC) if rial else text


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, text in reports():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
