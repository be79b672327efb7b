"""Studies that grow until their answer has converged, and not further."""

from __future__ import annotations

import analytic
import numpy as np
import pytest

from uq import pick_freeze, propagate, sobol_indices
from uq.campaign.runner import run
from uq.campaign.sequential import (
    converge,
    decision_has_converged,
    indices_are_within,
    quantiles_are_within,
    ranking_has_converged,
)
from uq.core.results import Indices
from uq.sampling.plans import monte_carlo

LINEAR = analytic.linear_gaussian((1.0, 2.0, 0.5))


def growing(replicates):
    return run(LINEAR.problem, pick_freeze(32 * replicates, 3, seed=1, replicates=replicates))


def rows(n):
    return run(LINEAR.problem, monte_carlo(n, 3, seed=1))


def test_a_plan_of_more_replicates_begins_with_the_smaller_one():
    small, large = (pick_freeze(32 * r, 3, seed=1, replicates=r) for r in (4, 8))
    assert np.array_equal(large.unit[: len(small)], small.unit)
    small, large = (pick_freeze(n, 3, seed=1, replicates=n) for n in (4, 8))
    assert np.array_equal(large.unit[: len(small)], small.unit)


def test_indices_converge_to_the_width_asked_for_and_no_sooner():
    found = converge(
        growing, lambda d: sobol_indices(d)["y"], converged=indices_are_within(0.01), first=8, max_size=512
    )
    assert found.converged
    assert np.abs(found.result.total - LINEAR.total).max() < 0.02
    assert len(found.samples) > 1
    assert all(b == 2 * a for a, b in zip(found.samples, found.samples[1:], strict=False))
    assert "converged after" in str(found)


def test_a_ranking_converges_when_neighbours_part():
    found = converge(
        growing, lambda d: sobol_indices(d)["y"], converged=ranking_has_converged, first=8, max_size=512
    )
    assert found.converged
    assert np.argsort(-found.result.total).tolist() == [1, 0, 2]


def test_a_clear_decision_needs_fewer_runs_than_a_close_one():
    limit = 0.0

    def decide(required):
        return converge(
            rows,
            lambda d: propagate(d, above={"y": [limit]})["y"],
            converged=decision_has_converged(limit, required),
            first=64,
            max_size=2**14,
        )

    clear, close = decide(0.2), decide(0.47)
    assert clear.converged
    assert clear.samples[-1] < close.samples[-1]


def test_what_cannot_converge_stops_at_the_limit_and_says_so():
    found = converge(
        rows, lambda d: propagate(d)["y"], converged=quantiles_are_within(1e-6), first=64, max_size=256
    )
    assert not found.converged
    assert found.samples == (64, 128, 256)
    assert "NOT converged" in str(found)
    with pytest.raises(ValueError, match="first <= max_size"):
        converge(rows, lambda d: d, converged=lambda d: True, first=8, max_size=4)


def totals(*intervals):
    """Indices whose totals are known to lie in these intervals, each total in the middle of its own."""
    bounds = np.array(intervals)
    middle, names = bounds.mean(axis=1), tuple(f"x{k}" for k in range(len(bounds)))
    return Indices("y", names, middle, middle, bounds, bounds, 0.9, 1000)


def test_neighbours_that_overlap_keep_a_ranking_open_unless_both_are_negligible():
    apart, overlapping, negligible = (
        ((0.6, 0.7), (0.2, 0.3)),
        ((0.2, 0.3), (0.25, 0.35)),
        ((0.0, 0.004), (0.0, 0.003)),
    )
    assert ranking_has_converged(totals(*apart, (0.0, 0.1)))
    assert not ranking_has_converged(totals((0.6, 0.7), *overlapping))
    assert ranking_has_converged(totals(*apart, *negligible))
    assert not ranking_has_converged(totals(*apart, *negligible), negligible=0.001)
