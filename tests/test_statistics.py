"""The statistics behind verdicts, held to independent sums and to laws; worked numbers are cases in `cases/runs`."""

from __future__ import annotations

import itertools
import math
import statistics
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goalkeeper.chance import at_least, at_most, beta, likely_range
from goalkeeper.lift import clustering, delta, dispersion, holm, net_share, quantile, wilson


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 999))
@settings(deadline=None)
def test_the_incomplete_beta_function_is_a_binomial_tail(a: int, b: int, thousandths: int) -> None:
    """For whole numbers it is a finite sum: I_x(a, b) = sum over j >= a of C(n, j) x^j (1 - x)^(n - j), n = a + b - 1."""
    x, n = Fraction(thousandths, 1000), a + b - 1
    exact = sum(math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1))
    assert beta(a, b, thousandths / 1000) == pytest.approx(float(exact), rel=1e-10, abs=1e-14)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 99))
@settings(deadline=None)
def test_at_least_and_at_most_leave_nothing_out(seen: int, need: int, hundredths: int) -> None:
    share = hundredths / 100
    assert at_least(need + 1, seen, share) + at_most(need, seen, share) == pytest.approx(1)
    assert at_least(need, seen, share) >= at_least(need + 1, seen, share)
    assert at_least(need, seen + 1, share) >= at_least(need, seen, share) - 1e-12


@given(st.integers(0, 5000), st.integers(5, 95), st.floats(1, 20), st.sampled_from([0.5, 0.8, 0.95]))
@settings(deadline=None)
def test_the_range_holds_what_it_says(seen: int, hundredths: int, spread: float, confidence: float) -> None:
    share, outside = hundredths / 100, (1 - confidence) / 2
    low, high = likely_range(seen, share, spread, confidence)
    assert seen <= low <= high
    assert at_least(low - seen, seen, share, spread) >= 1 - outside - 1e-5
    assert at_least(high - seen, seen, share, spread) <= outside + 1e-5


def test_the_range_of_very_many_holds_what_it_says() -> None:
    """Of half a billion, known from two millionths of the period: what is sought is not found to the last whole number."""
    seen, share, spread = 499_797_611.0, 2.076062026955865e-06, 94.3059677319778
    low, high = likely_range(seen, share, spread, 0.95)
    assert at_least(low - seen, seen, share, spread) == pytest.approx(0.975, abs=0.01)
    assert at_least(high - seen, seen, share, spread) == pytest.approx(0.025, abs=0.01)


def test_a_billion_of_two_billions_is_one_half() -> None:
    """By symmetry, as near as the chance of a count needs to be."""
    assert beta(1e9, 1e9, 0.5) == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("seen", [1e9, 1e11, 1e15, 1e18, 1e20])
@pytest.mark.parametrize("spread", [1.0, 250.0])
def test_the_rest_of_very_many_is_spread_as_the_normal_distribution_says(seen: float, spread: float) -> None:
    share, law = 0.4, statistics.NormalDist()
    expected, error = seen * 0.6 / share, math.sqrt(spread * seen * 0.6 / share**2)
    for steps in (-3, -1, 0.5, 2):
        known = law.cdf(-steps)
        assert at_least(expected + steps * error, seen, share, spread) == pytest.approx(known, abs=1e-3)
        assert at_most(expected + steps * error, seen, share, spread) == pytest.approx(1 - known, abs=1e-3)
    low, high = likely_range(seen, share, spread, 0.8)
    assert (high - low) / error == pytest.approx(2 * law.inv_cdf(0.9), rel=1e-2)


def test_nothing_more_comes_where_all_is_there_and_all_where_nothing_is() -> None:
    assert at_least(1, 100, share=1.0) == 0
    assert at_least(1, 100, share=0.0) == 1


@pytest.mark.parametrize(
    ("share", "freedom", "known"),
    [
        (0.975, math.inf, 1.959964),
        (0.95, math.inf, 1.644854),
        (0.975, 1, 12.7062),
        (0.975, 10, 2.228139),
        (0.9, 2, 1.885618),
    ],
)
def test_quantiles_are_those_of_the_tables(share: float, freedom: float, known: float) -> None:
    assert quantile(share, freedom) == pytest.approx(known, rel=1e-5)


def test_none_of_fifty_may_still_be_seven_of_a_hundred() -> None:
    assert wilson(0, 50, 0.95) == (0, pytest.approx(0.0713476, rel=1e-6))


def test_days_that_follow_their_neighbours_widen_the_error() -> None:
    """A lag-1 correlation of one half makes the standard error 1.732 times as large, and the variance 3 times."""
    many = [1.0, 0.5, 0.25, 0.125] * 50
    found = clustering(many)
    r = sum(a * b for a, b in itertools.pairwise(many)) / sum(a * a for a in many)
    assert found == pytest.approx((1 + r) / (1 - r))
    assert math.sqrt((1 + 0.5) / (1 - 0.5)) == pytest.approx(1.7320508)


def test_correlation_that_chance_explains_changes_nothing() -> None:
    assert clustering([1.0, -1.0, 1.0, -1.0] * 10) == 1
    assert clustering([1.0, 0.5, -0.7, -0.2, 0.1, -0.7]) == 1


def test_too_few_days_tell_no_spread() -> None:
    assert dispersion([[(n % 7, 10.0) for n in range(6)]]) is None
    assert dispersion([[(n % 7, 10.0) for n in range(7)]]) == 1
    assert delta([1.0] * 9, [2.0] * 9) is None


def test_weekdays_are_no_spread() -> None:
    week = [30.0, 20.0, 10.0, 40.0, 25.0, 5.0, 60.0]
    assert dispersion([[(n % 7, week[n % 7]) for n in range(28)]]) == 1


def test_a_net_share_varies_as_its_parts_do() -> None:
    found = net_share([(1, 120), (-1, 30)], 200)
    assert found.value == pytest.approx(0.45)
    assert 1.96 * found.error == pytest.approx(0.102549402, rel=1e-8)
    alone = net_share([(1, 60)], 200)
    assert alone.error == pytest.approx(math.sqrt(0.3 * 0.7 / 200))


@given(st.dictionaries(st.integers(), st.floats(0, 1), min_size=1, max_size=30))
def test_holm_never_makes_surer_and_keeps_the_order(doubts: dict[int, float]) -> None:
    adjusted = holm(doubts)
    ranked = sorted(doubts, key=lambda key: doubts[key])
    assert all(adjusted[key] >= doubts[key] for key in doubts)
    assert [adjusted[key] for key in ranked] == sorted(adjusted.values())
    assert adjusted[ranked[0]] == pytest.approx(min(len(doubts) * doubts[ranked[0]], 1))
