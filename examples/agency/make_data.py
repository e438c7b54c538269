"""Writes the exports of this example: a made-up pottery, as five platforms and its own shop would give its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent / "exports"
FIRST, LAST = date(2025, 12, 1), date(2026, 5, 31)
MAY = date(2026, 5, 1)
WEEKDAYS = (1.04, 1.08, 1.1, 1.05, 0.98, 0.83, 0.92)
QUIET = (date(2026, 5, 9), date(2026, 5, 21))
"""The days on which nobody posted on X."""
MONTHS = ((2025, 12), (2026, 1), (2026, 2), (2026, 3), (2026, 4), (2026, 5))
X_COLUMNS = [
    "Date",
    "Tweets published",
    "impressions",
    "engagements",
    "engagement rate",
    "retweets",
    "replies",
    "likes",
    "user profile clicks",
    "url clicks",
    "hashtag clicks",
    "detail expands",
    "permalink clicks",
    "app opens",
    "app installs",
    "follows",
    "email tweet",
    "dial phone",
    "media views",
    "media engagements",
    "promoted impressions",
    "promoted engagements",
    "promoted engagement rate",
    "promoted retweets",
    "promoted replies",
    "promoted likes",
    "promoted user profile clicks",
    "promoted url clicks",
    "promoted hashtag clicks",
    "promoted detail expands",
    "promoted permalink clicks",
    "promoted app opens",
    "promoted app installs",
    "promoted follows",
    "promoted email tweet",
    "promoted dial phone",
    "promoted media views",
    "promoted media engagements",
]


def days() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def level(day: date, base: float, *, growth: float = 0.0, may: float = 1.0, shift: int = 0) -> int:
    """A number of a day: it grows by *growth* a month, has the week's ups and downs, and in May is *may* times as large."""
    number = (day - FIRST).days
    wave = 1 + 0.04 * ((number * 5 + shift * 3) % 11 - 5) / 5
    return round(base * (1 + growth) ** (number / 30) * WEEKDAYS[day.weekday()] * wave * (may if day >= MAY else 1))


def instagram() -> Iterator[tuple[str, str]]:
    """Charts of Meta Business Suite: UTF-16, a line that names the sign between cells, and one with the metric."""
    for name, title, base, growth, may in (
        ("Views", "Views", 4200, 0.02, 1.5),
        ("Interactions", "Content interactions", 190, 0.01, 0.98),
        ("Follows", "Instagram follows", 9, 0.02, 1.2),
    ):
        rows = [f'"{day}T00:00:00","{level(day, base, growth=growth, may=may, shift=len(name))}"' for day in days()]
        yield f"instagram/{name}.csv", "\n".join(["sep=,", f'"{title}"', '"Date","Primary"', *rows]) + "\n"


def x() -> Iterator[tuple[str, str]]:
    """A file a month, every cell in quotes, dashes where nothing was promoted."""
    for year, month in MONTHS:
        rows = []
        for day in (day for day in days() if (day.year, day.month) == (year, month)):
            quiet = QUIET[0] <= day <= QUIET[1]
            posts = 0 if quiet else 1 + (day.toordinal() % 3 == 0)
            impressions = level(day, 1500, growth=0.01, may=0.7 if quiet else 1.0, shift=2)
            likes, replies, retweets = impressions // 90, impressions // 400, impressions // 260
            urls = impressions // 150
            engagements = likes + replies + retweets + urls
            shown = f"{engagements / impressions:.6f}"
            cells = [
                day,
                posts,
                impressions,
                engagements,
                shown,
                retweets,
                replies,
                likes,
                urls // 3,
                urls,
                0,
                urls,
                0,
                0,
                0,
            ]
            cells += [posts, 0, 0, impressions // 20, likes // 2, *["-"] * 18]
            rows.append(",".join(f'"{cell}"' for cell in cells))
        header = ",".join(f'"{column}"' for column in X_COLUMNS)
        after = date(year + month // 12, month % 12 + 1, 1)
        name = f"x/daily_tweet_activity_metrics_Pottery_{year}{month:02}01_{after:%Y%m%d}_en.csv"
        yield name, "\n".join([header, *rows]) + "\n"


def youtube() -> Iterator[tuple[str, str]]:
    """The channel by day, as YouTube Studio writes it in some countries."""
    rows = [f"{day:%d-%m-%Y},{level(day, 640, growth=0.05, may=1.04, shift=4)}" for day in days()]
    yield "youtube/Totals.csv", "\r\n".join(["Date,Views", *rows]) + "\r\n"


def tiktok() -> Iterator[tuple[str, str]]:
    """The overview of an account: the newest people are not counted yet, and no leads form before March."""
    header = (
        "Date,Video views,Reached audience,Profile views,Likes,Shares,Comments,Phone number clicks ,Leads submission,"
        "Net growth,New followers,Lost followers"
    )
    rows = [header]
    for number, day in enumerate(days()):
        views = level(day, 2600, growth=0.03, shift=5)
        reached = "NAN" if number < 2 else str(round(views * 0.8))
        gained, lost = views // 320, views // 900
        leads = views // 420
        rows.append(
            f"{day:%Y/%m/%d},{views},{reached},{views // 90},{views // 45},{views // 300},{views // 500},"
            f"{number % 4 == 0:d},{leads},{gained - lost},{gained},{lost}"
        )
    yield "tiktok/overview.csv", "\ufeff" + "\n".join(rows)


def google_ads() -> Iterator[tuple[str, str]]:
    """The chart of the overview: days in words, and money with its sign."""
    rows = ["Date,Clicks,Impressions,Avg. CPC,Cost,Conversions"]
    for day in days():
        clicks = level(day, 150, growth=0.01, may=1.22, shift=6)
        cost = clicks * (0.55 if day < MAY else 0.62)
        conversions = level(day, 5.2, growth=0.01, may=0.97, shift=1)
        shown = f"{day:%a}, {day.day} {day:%b} {day:%Y}"
        rows.append(f'"{shown}",{clicks},{clicks * 17},US${cost / clicks:.2f},US${cost:.2f},{conversions}')
    yield f"google-ads/Time_series({FIRST:%Y.%m.%d}-{LAST:%Y.%m.%d}).csv", "\n".join(rows) + "\n"


CHANNELS = {
    # channel: orders a day, margin of an order in USD, paid a day, hours of work a day, orders in May
    "google-ads": (4.2, 21.0, 84.0, 0.4, 0.98),
    "instagram": (3.1, 24.0, 12.0, 1.6, 1.06),
    "tiktok": (1.2, 19.0, 0.0, 0.9, 1.15),
    "youtube": (0.8, 31.0, 0.0, 1.1, 1.02),
    "x": (0.9, 22.0, 0.0, 0.8, 0.8),
}


def shop() -> Iterator[tuple[str, str]]:
    """The shop's own orders by the channel that the buyer came from, and what each channel cost in money and hours."""
    orders, costs = ["date,channel,orders,margin"], ["date,channel,spend,hours"]
    for day in days():
        for number, (channel, (base, margin, paid, hours, may)) in enumerate(CHANNELS.items()):
            sold = level(day, base, growth=0.01, may=may, shift=number)
            orders.append(f"{day},{channel},{sold},{sold * margin:.2f}")
            spent = paid * (1.36 if day >= MAY and channel == "google-ads" else 1)
            work = 0 if day.weekday() > 4 else hours * 7 / 5
            costs.append(f"{day},{channel},{spent:.2f},{work:.2f}")
    yield "shop/orders.csv", "\n".join(orders) + "\n"
    yield "shop/costs.csv", "\n".join(costs) + "\n"


if __name__ == "__main__":
    for exports in (instagram(), x(), youtube(), tiktok(), google_ads(), shop()):
        for name, text in exports:
            path = HERE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            encoding = "utf-16" if name.startswith("instagram/") else "utf-8"
            path.write_bytes(text.encode(encoding))
