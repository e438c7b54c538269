"""How sure each change is, and how much a count varies from day to day: what the days of a rule tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.calendar import Window
from goalkeeper.case import Case
from goalkeeper.columns import Column, Floats
from goalkeeper.daily import daily_parts
from goalkeeper.days import Daily
from goalkeeper.frames import Frame
from goalkeeper.inputs import Ratio as Division
from goalkeeper.inputs import ratio_of
from goalkeeper.judge import from_and_to
from goalkeeper.lift import (
    NET_SHARE,
    Estimate,
    Ratio,
    delta,
    dispersion,
    holm,
    net_share,
    of_rates,
    of_ratios,
    of_shares,
)
from goalkeeper.measure import Measuring
from goalkeeper.planned import Place, PlannedRule
from goalkeeper.scope import Key
from goalkeeper.statements import ByAmount, Change, ToLevel
from goalkeeper.units import COUNT, PERCENT, POINTS
from goalkeeper.verdict import PROVEN, TOO_LITTLE, UNPROVEN, Proof


def dispersions(measuring: Measuring, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...]) -> Floats | None:
    """For a count: how much more its days vary than chance alone, nan where that cannot be seen.

    None for what is no count, or where the days were not looked at.
    """
    definition = measuring.catalogue.definitions[planned.rule.kpi]
    windows = planned.spread_windows(frame)
    if planned.nature != "flow" or definition.unit not in {None, COUNT} or not windows:
        return None
    found = [measuring.daily(planned.rule.kpi, planned.scope(window), segments) for window in windows]
    stretches = [days for days in found if days is not None]
    told = np.full(len(segments), np.nan)
    for place in range(len(segments)):
        days = [one.of(place) for one in stretches]
        if any(not float(value).is_integer() or value < 0 for stretch in days for _, value in stretch):
            return None
        spread = dispersion(days)
        told[place] = np.nan if spread is None else spread
    return told


class Measured(Struct, frozen=True):
    """The estimates of one rule and frame, a place for each segment; None where there is too little data."""

    planned: PlannedRule
    frame: Frame
    estimates: tuple[Estimate | None, ...]
    least: tuple[float | None, ...]
    """The change that is asked for, as the estimates measure theirs."""


def estimates(
    measuring: Measuring, planned: PlannedRule, frame: Frame, segments: tuple[Key, ...], case: Case
) -> Measured | None:
    """How sure the change of each segment is, None for numbers of which it cannot be asked; for rules with spread."""
    estimating = _Estimating(measuring, planned, planned.spread_windows(frame), segments, case)
    found = estimating.flows() if planned.nature == "flow" else estimating.ratios()
    if found is None:
        return None
    return Measured(planned, frame, tuple(found), tuple(_asked(case, measuring, found)))


def _asked(case: Case, measuring: Measuring, found: Sequence[Estimate | None]) -> Iterator[float | None]:
    """The lift or difference from baseline to target in each segment."""
    baseline, target, _ = from_and_to(case, measuring.reasons)
    for place, estimate in enumerate(found):
        relative = estimate is None or estimate.relative
        start, goal = float(baseline.values[place]), float(target.values[place])
        if not (baseline.present[place] and target.present[place]) or (relative and start <= 0):
            yield None
        else:
            yield goal / start - 1 if relative else goal - start


class _Estimating(Struct, frozen=True):
    measuring: Measuring
    planned: PlannedRule
    windows: tuple[Window, ...]
    segments: tuple[Key, ...]
    case: Case

    @property
    def relative(self) -> bool:
        """Whether the change is a lift; a change by points is a difference."""
        ask = self.planned.rule.ask
        return not (isinstance(ask, Change) and isinstance(ask.amount, ByAmount) and ask.amount.amount.unit == POINTS)

    @property
    def start(self) -> float | None:
        """The baseline that the rule gives itself."""
        ask = self.planned.rule.ask
        given = ask.amount.start if isinstance(ask, Change) and isinstance(ask.amount, ToLevel) else None
        return None if given is None else given.value

    def before(self) -> Column | None:
        return self.case.so_far if self.case.so_far is not None else self.case.baseline

    def flows(self) -> list[Estimate | None] | None:
        """Rates of counts, their spread seen in the days; sums of money by the same spread."""
        spreads = self.case.dispersion
        counts = spreads is not None
        if spreads is None:
            spreads = self.money()
            if spreads is None:
                return None
        days, before = [self.days(window) for window in self.windows], self.before()
        found: list[Estimate | None] = []
        for place in range(len(self.segments)):
            spread = float(spreads[place]) if isfinite(spreads[place]) else None
            value = float(self.case.value.values[place])
            there = self.case.value.present[place]
            if self.start is not None:
                base: tuple[float, float] | float | None = self.start / self.case.days
            elif before is not None and before.present[place]:
                base = float(before.values[place]), days[1]
            else:
                base = None
            estimate = of_rates((value, days[0]), base, spread) if there and base is not None else None
            # The spread of money is in its own unit, and tells a reader nothing.
            found.append(estimate if counts or estimate is None else replace(estimate, dispersion=None))
        return found

    def days(self, window: Window) -> int:
        """The days of a window that its sum is of: what is not known of the others is neither a rise nor a fall."""
        coverage = self.measuring.coverage(self.planned.rule.kpi, self.planned.scope(window))
        return window.days if coverage is None else max(coverage.days, 1)

    def money(self) -> Floats | None:
        """Variance over mean of days, for sums that are no counts: only where days were seen."""
        stretches = [
            self.measuring.daily(self.planned.rule.kpi, self.planned.scope(window), self.segments)
            for window in self.windows
        ]
        if any(one is None for one in stretches):
            return None
        told = np.full(len(self.segments), np.nan)
        for place in range(len(self.segments)):
            days = [one.of(place) for one in stretches if one is not None]
            size = max((abs(value) for stretch in days for _, value in stretch), default=0.0)
            if size == 0 or any(value < 0 for stretch in days for _, value in stretch):
                continue
            # The spread is measured in the number's own unit: a unit as large as the largest day keeps it above 1.
            scaled = dispersion([[(weekday, value / size * 1e6) for weekday, value in stretch] for stretch in days])
            told[place] = np.nan if scaled is None else scaled * size / 1e6
        return told if np.isfinite(told).any() else None

    def ratios(self) -> list[Estimate | None] | None:
        """Ratios of sums: by their days (delta method), or as shares of whole counts where days are not known."""
        kpi = self.planned.rule.kpi
        by_day = [daily_parts(self.measuring, kpi, self.planned.scope(w), self.segments) for w in self.windows]
        if all(parts is not None for parts in by_day):
            found: list[Estimate | None] = []
            for place in range(len(self.segments)):
                told = [_ratio(parts, place) for parts in by_day if parts is not None]
                before = told[1] if self.start is None and len(told) > 1 else self.scaled_start(told[0], place)
                ready = told[0] is not None and before is not None
                found.append(
                    of_ratios(told[0], before, relative=self.relative) if ready and told[0] and before else None
                )
            return found
        parts = ratio_of(self.measuring.catalogue, kpi)
        if (
            parts is None
            or parts.scale != 1
            or parts.offset
            or self.measuring.catalogue.unit(kpi) not in {PERCENT, POINTS}
        ):
            return None
        return self.shares(parts)

    def scaled_start(self, now: Ratio | None, place: int) -> float | None:
        """The given baseline in the scale of the bare ratio, which leaves constant factors out."""
        value = float(self.case.value.values[place])
        if self.start is None or now is None or value == 0:
            return None
        return self.start * now.value / value

    def shares(self, parts: Division) -> list[Estimate | None] | None:
        signed = [(sign, name) for sign, name in _signed(parts.over.tree, 1.0) if name is not None]
        if len(signed) != len(list(_signed(parts.over.tree, 1.0))):
            return None
        found: list[Estimate | None] = []
        counted = [self.counts(parts, signed, window) for window in self.windows]
        if None in counted:
            return [None] * len(self.segments)
        for told in zip(*(one for one in counted if one is not None), strict=True):
            now = told[0]
            before = self.start if self.start is not None else told[1] if len(told) > 1 else None
            if now is None or before is None:
                found.append(None)
                continue
            confidence = self.planned.rule.evidence.confidence
            found.append(_share_estimate(now, before, relative=self.relative, confidence=confidence))
        return found

    def counts(
        self, parts: Division, signed: Sequence[tuple[float, str]], window: Window
    ) -> list[Shares | None] | None:
        """In each segment the parts of a share, each with its sign, and the whole; None where one is missing or no count.

        None in place of all where a part has no name of its own.
        """
        scope = self.planned.scope(window).under(parts.where)
        names = [*(name for _, name in signed), parts.under.text]
        if any(name not in self.measuring.catalogue.definitions for name in names):
            return None
        columns = [self.measuring.measure(name, scope, self.segments) for name in names]
        there = np.logical_and.reduce(
            [one.present & (one.values >= 0) & (one.values == np.floor(one.values)) for one in columns]
        )
        signs = [sign for sign, _ in signed]
        found: list[Shares | None] = []
        for here, *counts, whole in zip(there.tolist(), *(one.values.tolist() for one in columns), strict=True):
            known = here and whole > 0 and sum(counts) <= whole
            found.append((list(zip(signs, counts, strict=True)), whole) if known else None)
        return found


def _signed(node: ast.expr, sign: float) -> Iterator[tuple[float, str | None]]:
    match node:
        case ast.Name(name):
            yield sign, name
        case ast.UnaryOp(ast.USub(), operand):
            yield from _signed(operand, -sign)
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            yield from _signed(left, sign)
            yield from _signed(right, sign if isinstance(operator, ast.Add) else -sign)
        case _:
            yield sign, None


Shares = tuple[list[tuple[float, float]], float]


def _share_estimate(now: Shares, before: Shares | float, *, relative: bool, confidence: float) -> Estimate | None:
    def plain(shares: Shares) -> tuple[float, float] | None:
        return (shares[0][0][1], shares[1]) if len(shares[0]) == 1 and shares[0][0][0] > 0 else None

    single, base = plain(now), before if isinstance(before, float) else plain(before)
    if single is not None and base is not None:
        return of_shares(single, base, relative=relative, confidence=confidence)
    # A net share may be 0 or below: its change is a difference, whatever the rule asks for.
    other = before if isinstance(before, float) else net_share(*before)
    return of_ratios(net_share(*now), other, relative=False, method=NET_SHARE)


def _ratio(parts: tuple[Daily, Daily], place: int) -> Ratio | None:
    numerator, denominator = parts
    there = numerator.present[place] & denominator.present[place]
    return delta(numerator.values[place][there].tolist(), denominator.values[place][there].tolist())


def proofs(measured: Mapping[Place, Measured], *, apart: bool = False) -> dict[Place, tuple[Proof, ...]]:
    """What is proven, for each place of the scorecard; *apart* says that each segment is a scorecard of its own.

    Only windows that are over are judged: to look at a running one again and again finds a lift by chance. The doubts
    of all of them are adjusted together (Holm), so that many rules do not prove one of them by their number.
    """
    together: dict[int, dict[tuple[Place, int], float]] = {}
    for place, found in measured.items():
        if found.frame.over:
            for segment, estimate in enumerate(found.estimates):
                if estimate is not None:
                    doubts = together.setdefault(segment if apart else 0, {})
                    doubts[place, segment] = estimate.doubt(_sign(found))
    adjusted = {card: holm(doubts) for card, doubts in together.items()}

    def proof(place: Place, found: Measured, segment: int) -> Proof:
        of_card = adjusted.get(segment if apart else 0, {})
        return _proof(found, segment, of_card.get((place, segment)), len(of_card))

    return {
        place: tuple(proof(place, found, segment) for segment in range(len(found.estimates)))
        for place, found in measured.items()
    }


def _sign(found: Measured) -> int:
    ask = found.planned.rule.ask
    assert isinstance(ask, Change)  # noqa: S101  only changes are measured
    return ask.sign


def _proof(found: Measured, segment: int, adjusted: float | None, tests: int) -> Proof:
    asked, estimate = found.planned.rule.evidence, found.estimates[segment]
    if estimate is None:
        return Proof(asked.confidence, lift=TOO_LITTLE if found.frame.over else None)
    low, high = estimate.interval(asked.confidence)
    allowed = (1 - asked.confidence) / 2
    lift = target = None
    if found.frame.over:
        lift = PROVEN if adjusted is not None and adjusted <= allowed else UNPROVEN
        least = found.least[segment]
        if least is not None:
            enough = lift == PROVEN and estimate.doubt(_sign(found), least) <= allowed
            target = PROVEN if enough else UNPROVEN
    return Proof(
        asked.confidence,
        low=low,
        high=high,
        relative=estimate.relative,
        method=estimate.method,
        dispersion=estimate.dispersion,
        lift=lift,
        target=target,
        tests=tests if found.frame.over else 0,
    )
