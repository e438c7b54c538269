"""Advice that needs the rows: whether a baseline stands for anything, and whether a target can be met, or be seen."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean

from goalkeeper.calendar import Window
from goalkeeper.columns import Missing
from goalkeeper.lift import dispersion
from goalkeeper.lint.history import Measured, Past, asked
from goalkeeper.lint.meant import advise
from goalkeeper.lint.noise import detectable, minimum_detectable, standing
from goalkeeper.problems import Problem
from goalkeeper.quantity import format_number, format_quantity
from goalkeeper.said import Figure, Said, say
from goalkeeper.scope import Key
from goalkeeper.statements import Change, ToLevel
from goalkeeper.units import COUNT, PERCENT

LEAST_WINDOWS = 3
"""With fewer windows than this there is no history to speak of."""
LEAST_COVERAGE = 0.95
LOW = -1.5
"""So many standard deviations from the mean of its history a baseline is at a low point."""
NEAR = 0.05
"""Numbers that differ by less than this share are not spoken of."""


def thin_baseline(measured: Measured) -> Iterator[Problem]:
    """GK512: a measured baseline that is nothing, cannot be had, or lacks more than one day in twenty."""
    for past in measured.pasts:
        if past.measured and (message := _thin(measured, past)):
            cure = say("choose another baseline with versus, or fill in the data")
            yield advise("GK512", message, past.rule.location, cure)


def _thin(measured: Measured, past: Past) -> Said | None:
    found = measured.segments(past)
    missing = {key: value for key, value in found.items() if isinstance(value, Missing)}
    nothing = [key for key, value in found.items() if value == 0]
    if missing:
        key, reason = next(iter(missing.items()))
        return say(
            "there is no baseline of {whose}: {reason}" if key else "there is no baseline: {reason}",
            whose=_whose(key, len(missing)),
            reason=reason.detail,
        )
    if nothing:
        return say(
            "the baseline of {whose} is 0 ({days}): nothing can be a share of it"
            if nothing[0]
            else "the baseline is 0 ({days}): nothing can be a share of it",
            whose=_whose(nothing[0], len(nothing)),
            days=past.baseline,
        )
    coverage = measured.measuring.coverage(past.rule.kpi, past.planned.scope(past.baseline))
    if coverage is not None and coverage.share < LEAST_COVERAGE and past.planned.nature != "stock":
        return say(
            "the baseline has data for {days} of its {of} days ({baseline})",
            days=coverage.days,
            of=coverage.of,
            baseline=past.baseline,
        )
    return None


def _whose(key: Key, count: int) -> str:
    """Whose baseline: the first segment, and how many others."""
    segment = " / ".join(key)
    return say("{segment} and {count} more", segment=segment, count=count - 1) if count > 1 else segment


def baseline_not_as_said(measured: Measured) -> Iterator[Problem]:
    """GK507, with rows: the written first number of a change is not what the period before came to."""
    for past in measured.wholes:
        match past.rule.ask:
            case Change(_, ToLevel(_, start)) if start is not None:
                found = measured.number(past, past.baseline)
                if not isinstance(found, Missing) and abs(found - start.value) > NEAR * abs(start.value):
                    unit = start.unit or measured.measuring.catalogue.unit(past.rule.kpi)
                    yield advise(
                        "GK507",
                        say(
                            "'{kpi}' counts from {number}, and {days} came to {found}",
                            kpi=past.rule.kpi,
                            number=format_quantity(start.value, unit),
                            days=past.baseline,
                            found=format_quantity(found, unit),
                        ),
                        past.rule.location,
                        say(
                            "leave '{words}' out, so that it is measured",
                            words=f"from {format_quantity(start.value, start.unit)}",
                        ),
                    )
            case _:
                pass


def beyond_history(measured: Measured) -> Iterator[Problem]:
    """GK513: more growth is asked for than any window of the same length has seen."""
    for past in measured.wholes:
        wanted = _wanted(measured, past)
        if wanted is None or wanted * past.sign <= 0:
            continue
        seen = [(growth * past.sign, w) for w in past.earlier if (growth := measured.growth(past, w)) is not None]
        if len(seen) < LEAST_WINDOWS:
            continue
        best, when = max(seen, key=lambda one: one[0])
        if wanted * past.sign > best * (1 + 1e-9) + 1e-9:
            yield advise(
                "GK513",
                say(
                    "{wanted} is beyond the best of {count} windows of this length: {best} ({when})",
                    wanted=_share(wanted),
                    count=len(seen),
                    best=_share(best * past.sign),
                    when=when,
                ),
                past.rule.location,
                say("ask for less or give it longer, unless something will be done that was never done before"),
            )


def lost_in_noise(measured: Measured) -> Iterator[Problem]:
    """GK514: counts so small that a change of this size comes and goes by chance."""
    for past in measured.pasts:
        if past.planned.nature != "flow" or not isinstance(past.rule.ask, Change) or not _counts(measured, past):
            continue
        small: list[tuple[float, Key, int, float]] = []
        found = measured.segments(past)
        spread = _dispersion(measured, past)
        for key, value in found.items():
            wanted = None if isinstance(value, Missing) else asked(past, value)
            if isinstance(value, Missing) or not value.is_integer():  # with a fraction it is an amount, no count
                continue
            if wanted is None or wanted * past.sign <= 0 or wanted <= -1:
                continue
            needed = minimum_detectable(wanted, spread)
            if value < needed:
                small.append((value, key, needed, wanted))
        if small:
            value, key, needed, wanted = min(small)
            message = say(
                "{wanted} of {count} '{kpi}' of {segment} cannot be told from noise: it takes {needed:,} "
                "({small} of {segments} segments are too small)"
                if key  # by segment it is not known how much days vary
                else "{wanted} of {count} '{kpi}' cannot be told from noise: it takes {needed:,}, "
                "as days vary {spread:.1f} times more than by chance"
                if spread >= 1.1
                else "{wanted} of {count} '{kpi}' cannot be told from noise: it takes {needed:,}",
                wanted=_share(wanted),
                count=format_number(value),
                kpi=past.rule.kpi,
                segment=" / ".join(key),
                needed=needed,
                spread=spread,
                small=len(small),
                segments=len(found),
            )
            yield advise("GK514", message, past.rule.location, _cure(value, past.sign, spread))


def _cure(count: float, sign: int, spread: float) -> Said:
    least = detectable(count, sign=sign, dispersion=spread)
    if least is None:
        return say("look at more days or more segments at once: no change shows in so few")
    return say(
        "a change shows from {least} on; or look at more days, more segments, or an earlier step that counts more",
        least=_share(least if abs(least) < 1 else round(least, 1)),
    )


def _dispersion(measured: Measured, past: Past) -> float:
    """How much more than by chance the days of the baseline vary, weekdays set apart; 1 by segment."""
    if past.rule.by:
        return 1.0
    found = [(day, measured.number(past, day)) for day in past.days()]
    days = [(day.first.weekday(), value) for day, value in found if not isinstance(value, Missing)]
    return dispersion([days], clustered=False) or 1.0


def _counts(measured: Measured, past: Past) -> bool:
    return measured.measuring.catalogue.unit(past.rule.kpi) in {None, COUNT}


def at_low_point(measured: Measured) -> Iterator[Problem]:
    """GK515: the baseline lies so far on the easy side of its history that going back to normal would do."""
    for past in measured.wholes:
        value = measured.number(past, past.baseline)
        if not past.measured or isinstance(value, Missing) or value <= 0:
            continue
        now = value / _length(past, past.baseline)
        history: dict[float, float] = {}
        for age, window in enumerate(past.earlier):
            found = measured.number(past, window) if window.last < past.baseline.first else None
            if isinstance(found, float):
                history[-age] = found / _length(past, window)
        if len(history) < LEAST_WINDOWS:
            continue
        usual = mean(history.values())
        score = standing(now, history)
        if past.sign * score < LOW and past.sign * (now - usual) < -NEAR * abs(usual):
            message = say(
                "the baseline is at a low point: {change} against the mean of {count} windows before it, "
                "{score:.1f} standard deviations below"
                if past.sign > 0
                else "the baseline is at a high point: {change} against the mean of {count} windows before it, "
                "{score:.1f} standard deviations above",
                change=_share(now / usual - 1),
                count=len(history),
                score=abs(score),
            )
            cure = say(
                "going back to normal would look like success: compare with the same period last year, or a longer one"
            )
            yield advise("GK515", message, past.rule.location, cure)


def _length(past: Past, window: Window) -> int:
    """What the number of a window is divided by, to be compared with others."""
    return window.days if past.planned.nature == "flow" else 1


def _wanted(measured: Measured, past: Past) -> float | None:
    """The growth over the whole period that is asked for."""
    match past.rule.ask:
        case Change(_, ToLevel(level, start)) if start is not None and not isinstance(level, str):
            return level.value / start.value - 1 if start.value > 0 else None
        case _:
            baseline = measured.number(past, past.baseline)
            return None if isinstance(baseline, Missing) else asked(past, baseline)


def _share(change: float) -> Figure:
    """A change for reading: +15%, -3.2%."""
    text = f"{'+' if change > 0 else ''}{format_quantity(round(change, 3), PERCENT)}"
    return Figure(text, text)
