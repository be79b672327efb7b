"""Intervals of a mean and of a quantile cover as often as they say."""

import numpy as np
import pytest
from scipy import stats

from uq.core.confidence_intervals import mean_estimate, quantile_estimate


def test_intervals_cover_as_often_as_they_say():
    random = np.random.default_rng(1)
    samples = random.lognormal(sigma=0.5, size=(2000, 60))
    mean, quantile = np.exp(0.125), stats.lognorm(0.5).ppf(0.1)
    covered = np.mean([mean_estimate(s).holds(mean) for s in samples])
    held = np.mean([quantile_estimate(s, 0.1).holds(quantile) for s in samples])
    assert 0.86 < covered < 0.93
    assert held >= 0.9 - 4 * np.sqrt(0.09 / 2000)


def test_a_rank_beyond_the_sample_is_an_infinite_end():
    estimate = quantile_estimate(np.arange(10.0), 0.99)
    assert estimate.high == np.inf
    assert np.isfinite(estimate.low)


def test_failures_stand_as_the_least():
    values = np.r_[[-np.inf] * 20, np.arange(80.0)]
    assert quantile_estimate(values, 0.1).value == -np.inf
    assert quantile_estimate(values, 0.5).value == 29.0


def test_no_value_and_nan_are_refused():
    for values in ([], [1.0, np.nan]):
        with pytest.raises(ValueError, match="at least one value"):
            quantile_estimate(values, 0.5)
    assert np.isnan(mean_estimate([1.0]).value)
