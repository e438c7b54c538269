"""The goal files of the scenarios, and Soda's checks that say the same."""

from __future__ import annotations

import re
from typing import NamedTuple

from peers.data import CAMPAIGNS, PLATFORMS


class Kpi(NamedTuple):
    """A ratio of sums, the way that is better, and a bound that some platforms keep and some do not."""

    name: str
    formula: str
    up: bool
    bound: float

    @property
    def sign(self) -> str:
        """How the value should compare to the bound."""
        return ">" if self.up else "<"

    @property
    def sums(self) -> str:
        """The formula in SQL."""
        return re.sub("[a-z_]+", r"sum(\g<0>)", self.formula)

    @property
    def words(self) -> str:
        """The same as a rule says it."""
        return f"{'above' if self.up else 'below'} {self.bound:g}"


KPIS = (
    Kpi("ctr", "clicks / impressions", up=True, bound=0.042),
    Kpi("cpc", "spend / clicks", up=False, bound=1),
    Kpi("cpa", "spend / conversions", up=False, bound=14),
    Kpi("cpm", "1000 * spend / impressions", up=False, bound=42),
    Kpi("roas", "revenue / spend", up=True, bound=3.92),
    Kpi("conversion_rate", "conversions / clicks", up=True, bound=0.066),
    Kpi("download_rate", "downloads / impressions", up=True, bound=0.2),
    Kpi("er_by_impressions", "engagements / impressions", up=True, bound=0.055),
    Kpi("lead_rate", "leads / sessions", up=True, bound=0.07),
    Kpi("order_value", "revenue / orders", up=True, bound=70),
)


def head(data: str) -> str:
    kpis = "\n".join(
        f"  {kpi.name}: {{formula: {kpi.formula}, direction: {'up' if kpi.up else 'down'}}}" for kpi in KPIS
    )
    source = f"{{path: {data}, time: date, dimensions: [platform, campaign]}}"
    return f"version: 1\nsources:\n  ads: {source}\nkpis:\n{kpis}\ngoals:\n"


def by_platform(data: str) -> str:
    """60 checks: each KPI inside its bound on each platform, over all rows."""
    rules = "".join(f"      - keep {kpi.name} {kpi.words}\n" for kpi in KPIS)
    period = "{start: 2024-01-01, end: 2025-12-31}"
    return f"{head(data)}  - id: health\n    each: platform\n    period: {period}\n    rules:\n{rules}"


def by_campaign(data: str) -> str:
    """45,000 verdicts: each KPI of each campaign in 2025, against its bound and against 2024."""
    rules = "".join(f"      - improve {kpi.name} by 1%\n      - keep {kpi.name} {kpi.words}\n" for kpi in KPIS)
    return f"{head(data)}  - id: campaigns\n    each: campaign\n    period: 2025\n    rules:\n{rules}"


def of_many_campaigns(data: str, count: int) -> str:
    """*count* goals, each about one KPI of one campaign in one quarter."""
    goals = "".join(
        f"  - id: goal-{number}\n"
        f"    period: {2024 + number // 4 % 2}-Q{1 + number % 4}\n"
        f"    where: {{campaign: campaign-{number * 7 % CAMPAIGNS:04}}}\n"
        f"    rule: keep {kpi.name} {kpi.words}\n"
        for number, kpi in ((number, KPIS[number % len(KPIS)]) for number in range(count))
    )
    return head(data) + goals


def to_check(data: str, count: int) -> str:
    """*count* goals as people write them: sentences and mappings of all kinds, named, with a reason and an owner."""
    return head(data) + "".join(_mixed(number) for number in range(count))


def _mixed(number: int) -> str:
    kpi, platform = KPIS[number % len(KPIS)], PLATFORMS[number % len(PLATFORMS)]
    move = "increase" if kpi.up else "decrease"
    rules = (
        f"    rule: {move} {kpi.name} by {2 + number % 9}% versus same period last year\n",
        f"    rules:\n      - keep {kpi.name} {kpi.words} each month\n      - {{kpi: clicks, increase: 12%, weight: 2}}\n",
        f"    rule: reach {10_000 + number} conversions\n",
        f"    rule: {{kpi: {kpi.name}, {move}: {3 + number % 7}%, versus: previous period, key: true}}\n",
        f"    rules:\n      - {{kpi: {kpi.name}, keep: {kpi.words}}}\n      - keep spend at most 250,000 each quarter\n",
    )
    return (
        f"  - id: goal-{number}\n"
        f"    name: Goal {number} on {platform}\n"
        f"    why: The plan for {platform} rests on {kpi.name}\n"
        f"    owner: team-{number % 40}@example.com\n"
        f"    period: {{start: 2025-{1 + number % 6:02}-01, length: {3 + number % 4} months}}\n"
        f"    where: {{campaign: campaign-{number % CAMPAIGNS:04}}}\n{rules[number % len(rules)]}"
    )


def soda_filtered() -> str:
    """The 60 checks in Soda's language, the quickest form found: six filters of ten expressions, one query each."""
    return "\n".join(
        f"filter ads [on_{platform}]:\n  where: platform = '{platform}'\n\nchecks for ads [on_{platform}]:\n"
        + "".join(_soda(kpi, platform, f"expression: {kpi.sums}") for kpi in KPIS)
        for platform in PLATFORMS
    )


def soda_queries() -> str:
    """The same with a query of its own for each check."""
    return "checks for ads:\n" + "".join(
        _soda(kpi, platform, f"query: SELECT {kpi.sums} FROM ads WHERE platform = '{platform}'")
        for platform in PLATFORMS
        for kpi in KPIS
    )


def _soda(kpi: Kpi, platform: str, how: str) -> str:
    name = f"{kpi.name}_{platform}"
    return f"  - {name} {kpi.sign} {kpi.bound:g}:\n      {name} {how}\n"


def soda_source(data: str) -> str:
    """Where Soda finds the rows: it makes a table of them, named as the file is."""
    return f"data_source ads:\n  type: duckdb\n  path: {data}\n"
